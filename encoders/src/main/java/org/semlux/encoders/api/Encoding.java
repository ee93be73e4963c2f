package org.semlux.encoders.api;

/**
 * What a model makes of a text. There is no other kind, so a {@code switch} over an encoding needs
 * no default: whoever adds one is shown every place that must know it.
 *
 * {@snippet lang=java :
 * try (TextEncoder<?> encoder = TextEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   Encoding encoding = encoder.encode(List.of("a text")).get(0);
 *   int numbers =
 *       switch (encoding) {
 *         case DenseVector vector -> vector.dimensions();
 *         case TermWeights terms -> terms.size();
 *         case TokenVectors vectors -> vectors.tokens();
 *       };
 * }
 * }
 */
public sealed interface Encoding permits DenseVector, TermWeights, TokenVectors {}
