/**
 * What a training run leaves behind beside its weights: {@link TrainingLog} while it runs, {@link
 * ModelCard}, {@link TrainingReport} and {@link Provenance} when it is over, all three out of one
 * {@link TrainingRun}. Nothing here computes on a model. Records are immutable and keep the order
 * of their maps; numbers that do not exist are NaN, which files show as null or "-".
 */
package org.semlux.training.card;
