/** Fine-tunes a model folder: batches, steps, schedule, checkpoints. */
package org.semlux.training.train;
