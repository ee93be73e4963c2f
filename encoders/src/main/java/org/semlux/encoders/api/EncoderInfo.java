package org.semlux.encoders.api;

import java.util.List;

/**
 * What an encoder is.
 *
 * {@snippet lang=java :
 * try (Encoder encoder = Encoder.load(Path.of("all-MiniLM-L6-v2"), EncoderOptions.defaults())) {
 *   EncoderInfo info = encoder.info();
 *   info.kind(); // DENSE
 *   info.dimensions(); // 384
 *   info.maxTokens(); // 256
 *   info.bytes(); // outside of Java's heap
 * }
 * }
 *
 * @param name the folder's name
 * @param dimensions numbers in a vector, a text's or a token's, terms of a sparse encoder's
 *     vocabulary, labels of a cross-encoder
 * @param maxTokens tokens of a text that are read, special tokens counted; the rest is cut off. Of
 *     a multi-vector encoder a document's
 * @param precision the one that is really used: never {@link Precision#AUTO}
 * @param precisionReason why that one, in a few words
 * @param parameters trained numbers in the model
 * @param bytes of native memory that they take as they are served
 * @param productsPerToken multiply-adds that a token takes in the served matrix products; 0 where
 *     there are none. Attention, what is done once a text, and lookups are not counted
 * @param labels names of a cross-encoder's scores, in their order; empty for other kinds
 */
public record EncoderInfo(
    String name,
    EncoderKind kind,
    int dimensions,
    int maxTokens,
    Precision precision,
    String precisionReason,
    long parameters,
    long bytes,
    long productsPerToken,
    List<String> labels) {
  /** The same of an encoder that has another one's weights, too. */
  public EncoderInfo beside(EncoderInfo other) {
    return new EncoderInfo(
        name,
        kind,
        dimensions,
        maxTokens,
        precision,
        precisionReason,
        parameters + other.parameters,
        bytes + other.bytes,
        productsPerToken,
        labels);
  }

  /** The same of an encoder that reads so many tokens of a text. */
  public EncoderInfo withMaxTokens(int other) {
    return new EncoderInfo(
        name,
        kind,
        dimensions,
        other,
        precision,
        precisionReason,
        parameters,
        bytes,
        productsPerToken,
        labels);
  }
}
