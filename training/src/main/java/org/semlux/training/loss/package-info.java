/** What training makes small: fragments of a training program. */
package org.semlux.training.loss;
