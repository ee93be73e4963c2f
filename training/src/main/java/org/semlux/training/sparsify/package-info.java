/**
 * A sparse encoder out of any dense transformer, without training: the words whose own states are
 * nearest to the states of a text's tokens are its terms.
 */
package org.semlux.training.sparsify;
