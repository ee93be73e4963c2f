/**
 * A sparse encoder out of any dense transformer, without training: the last token states are mapped
 * back to word embeddings by ridge regression in closed form, and the nearest words are the terms.
 */
package org.semlux.training.sparsify;
