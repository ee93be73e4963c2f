package org.semlux.encoders.api;

/**
 * What a model makes of a text. There is no other kind, so a {@code switch} over an encoding needs
 * no default: whoever adds one is shown every place that must know it.
 *
 * <pre>{@code
 * int numbers = switch (encoding) {
 *   case DenseVector vector -> vector.dimensions();
 *   case TermWeights terms -> terms.size();
 *   case TokenVectors vectors -> vectors.tokens();
 * };
 * }</pre>
 */
public sealed interface Encoding permits DenseVector, TermWeights, TokenVectors {}
