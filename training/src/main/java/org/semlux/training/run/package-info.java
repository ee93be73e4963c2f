/**
 * Many inputs through a model: sliced, answered in order, with a display of how far it has come.
 */
package org.semlux.training.run;
