/**
 * Text to numbers. {@link org.semlux.encoders.Encoder} and its kinds are the whole surface; the
 * packages below follow a text on its way: {@code folder} (what a model's files say), {@code text}
 * (tokens), {@code batch} (who runs when, with whom), {@code network} (which weight goes where),
 * {@code program} (what PyTorch runs).
 */
package org.semlux.encoders;
