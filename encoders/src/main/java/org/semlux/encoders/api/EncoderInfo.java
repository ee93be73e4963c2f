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
 * @param maxTokens tokens of a text that are read, special tokens counted; the rest is cut off.
 *     Where queries and documents differ, a document's
 * @param maxQueryTokens the same of a query
 * @param precision the one that is really used: never {@link Precision#AUTO}
 * @param precisionReason why that one, in a few words
 * @param parameters trained numbers in the model; what ways of queries and documents share counts
 *     once
 * @param bytes of native memory that they take as they are served: each way has a copy of its own,
 *     unless both are the same
 * @param productsPerToken multiply-adds that a token takes in the served matrix products, on the
 *     way that has the most; 0 where there are none. Attention, what is done once a text, and
 *     lookups are not counted
 * @param labels names of a cross-encoder's scores, in their order; empty for other kinds
 */
public record EncoderInfo(
    String name,
    EncoderKind kind,
    int dimensions,
    int maxTokens,
    int maxQueryTokens,
    Precision precision,
    String precisionReason,
    long parameters,
    long bytes,
    long productsPerToken,
    List<String> labels) {
  /** The same of an encoder that has more weights than those of its one network. */
  public EncoderInfo withWeights(long otherParameters, long otherBytes) {
    return new EncoderInfo(
        name,
        kind,
        dimensions,
        maxTokens,
        maxQueryTokens,
        precision,
        precisionReason,
        otherParameters,
        otherBytes,
        productsPerToken,
        labels);
  }

  /** The same of an encoder that reads so many tokens of a document and of a query. */
  public EncoderInfo withMaxTokens(int documents, int queries) {
    return new EncoderInfo(
        name,
        kind,
        dimensions,
        documents,
        queries,
        precision,
        precisionReason,
        parameters,
        bytes,
        productsPerToken,
        labels);
  }
}
