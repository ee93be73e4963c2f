package org.semlux.encoders.network;

import java.util.List;
import java.util.Optional;

/**
 * An architecture's head that scores the vocabulary: mostly a layer, and a decoder onto the
 * vocabulary, which often is the word embedding.
 *
 * @param layer before the decoder; empty where there is none
 * @param decoder the decoder's weight, {@code [vocabulary, width]}; often left out, being {@code
 *     words}, and the same as that where a file never holds one
 * @param bias the decoder's bias, {@code [vocabulary]}
 * @param otherBias the decoder's bias where {@code bias} is not stored; the same name with some
 * @param hasBias whether the decoder has one
 * @param ties whether the decoder may be left out where the config does not say
 * @param words the word embedding, within the network
 * @param biasKeys of a config that must be true for all of these biases to be read
 */
public record MaskedLanguageHead(
    Optional<HeadLayer> layer,
    String decoder,
    String bias,
    String otherBias,
    boolean hasBias,
    boolean ties,
    String words,
    List<String> biasKeys) {
  /** One that has all biases, whatever a config says. */
  static MaskedLanguageHead of(HeadLayer layer, String decoder, String bias, String words) {
    return new MaskedLanguageHead(
        Optional.of(layer),
        decoder + ".weight",
        decoder + ".bias",
        bias,
        true,
        true,
        words,
        List.of());
  }
}
