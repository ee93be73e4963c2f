package org.semlux.encoders.api;

/**
 * How a model cuts a text, for those who cut it into passages.
 *
 * {@snippet lang=java :
 * String text = "A man plays.";
 * try (TextEncoder<?> encoder = TextEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   TokenStarts starts = encoder.tokenStarts(text, InputType.DOCUMENT, 1_000);
 *   boolean fits = starts.positions().length <= starts.window();
 *   String second = text.substring(starts.positions()[1]); // from the second token on
 * }
 * }
 *
 * @param positions where each token begins, in UTF-16 units, ascending; tokens that are parts of
 *     one character begin at the same place. Owned by the receiver
 * @param window tokens of a text that the model reads, beside its special tokens and its prompt; at
 *     least 1
 */
public record TokenStarts(int[] positions, int window) {}
