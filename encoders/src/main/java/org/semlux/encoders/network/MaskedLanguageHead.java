package org.semlux.encoders.network;

import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.api.ModelException;

/**
 * What an architecture calls the parts of its masked language model's head: a dense layer with an
 * activation, a norm, and a decoder onto the vocabulary.
 */
public enum MaskedLanguageHead {
  BERT(
      "cls.predictions.transform.dense",
      "cls.predictions.transform.LayerNorm",
      "cls.predictions.decoder.weight",
      "cls.predictions.decoder.bias",
      "cls.predictions.bias",
      "embeddings.word_embeddings.weight"),
  DISTILBERT(
      "vocab_transform",
      "vocab_layer_norm",
      "vocab_projector.weight",
      "vocab_projector.bias",
      "vocab_projector.bias",
      "embeddings.word_embeddings.weight"),
  ROBERTA(
      "lm_head.dense",
      "lm_head.layer_norm",
      "lm_head.decoder.weight",
      "lm_head.decoder.bias",
      "lm_head.bias",
      "embeddings.word_embeddings.weight"),
  MODERNBERT(
      "head.dense",
      "head.norm",
      "decoder.weight",
      "decoder.bias",
      "decoder.bias",
      "embeddings.tok_embeddings.weight");

  private static final Map<String, MaskedLanguageHead> BY_TYPE =
      new TreeMap<>(
          Map.of(
              "bert", BERT,
              "camembert", ROBERTA,
              "distilbert", DISTILBERT,
              "roberta", ROBERTA,
              "xlm-roberta", ROBERTA,
              "mpnet", ROBERTA,
              "modernbert", MODERNBERT));

  private final String dense;
  private final String norm;
  private final String decoder;
  private final String bias;
  private final String otherBias;
  private final String words;

  MaskedLanguageHead(
      String dense, String norm, String decoder, String bias, String otherBias, String words) {
    this.dense = dense;
    this.norm = norm;
    this.decoder = decoder;
    this.bias = bias;
    this.otherBias = otherBias;
    this.words = words;
  }

  /**
   * The head of an architecture.
   *
   * @param type the {@code model_type} of its config
   * @throws ModelException when it has none
   */
  public static MaskedLanguageHead of(String model, String type) {
    MaskedLanguageHead head = BY_TYPE.get(type);
    if (head == null) {
      throw ModelException.of(
          model,
          "architecture ["
              + ModelException.brief(type)
              + "] has no term weights, those that do are "
              + BY_TYPE.keySet());
    }
    return head;
  }

  /** The dense layer, without {@code .weight} and {@code .bias}. */
  public String dense() {
    return dense;
  }

  /** The norm, without {@code .weight} and {@code .bias}. */
  public String norm() {
    return norm;
  }

  /** The decoder's weight, {@code [vocabulary, hidden]}; often left out, being {@link #words()}. */
  public String decoder() {
    return decoder;
  }

  /** The decoder's bias, {@code [vocabulary]}. */
  public String bias() {
    return bias;
  }

  /** The decoder's bias where {@link #bias()} is not stored; the same name with some. */
  public String otherBias() {
    return otherBias;
  }

  /** The word embedding, within the network. */
  public String words() {
    return words;
  }
}
