package org.semlux.encoders.api;

/**
 * How a model cuts a text, for those who cut it into passages.
 *
 * @param positions where each token begins, in UTF-16 units, ascending; tokens that are parts of
 *     one character begin at the same place. Owned by the receiver
 * @param window tokens of a text that the model reads, beside its special tokens and its prompt; at
 *     least 1
 */
public record TokenStarts(int[] positions, int window) {}
