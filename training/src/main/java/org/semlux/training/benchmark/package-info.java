/** How fast a model is on this machine, and how near its precisions are to float32. */
package org.semlux.training.benchmark;
