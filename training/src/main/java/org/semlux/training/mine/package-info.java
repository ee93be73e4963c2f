/**
 * Hard negatives for training: texts of a corpus that a model takes for answers and that are none.
 */
package org.semlux.training.mine;
