package org.semlux.encoders.network;

import java.util.List;

/**
 * An architecture's head that scores the vocabulary: a layer and a decoder onto the vocabulary,
 * which often is the word embedding.
 *
 * @param layer before the decoder
 * @param decoder the decoder's weight, {@code [vocabulary, hidden]}; often left out, being {@code
 *     words}
 * @param bias the decoder's bias, {@code [vocabulary]}
 * @param otherBias the decoder's bias where {@code bias} is not stored; the same name with some
 * @param hasBias whether the decoder has one
 * @param words the word embedding, within the network
 * @param biasKeys of a config that must be true for all of these biases to be read
 */
public record MaskedLanguageHead(
    HeadLayer layer,
    String decoder,
    String bias,
    String otherBias,
    boolean hasBias,
    String words,
    List<String> biasKeys) {
  /** One that has all biases, whatever a config says. */
  static MaskedLanguageHead of(HeadLayer layer, String decoder, String bias, String words) {
    return new MaskedLanguageHead(
        layer, decoder + ".weight", decoder + ".bias", bias, true, words, List.of());
  }
}
