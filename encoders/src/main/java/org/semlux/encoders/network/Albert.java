package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * ALBERT: BERT whose layers share their weights by groups, behind narrow embeddings (Lan et al.
 * 2019, <a href="https://arxiv.org/abs/1909.11942">arXiv:1909.11942</a>).
 */
final class Albert extends Bert {
  private static final String LAYER = "albert_layers.0.";
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "encoder.albert_layer_groups.",
          List.of(LAYER + "attention.query", LAYER + "attention.key", LAYER + "attention.value"),
          LAYER + "attention.dense",
          LAYER + "attention.LayerNorm",
          List.of(LAYER + "ffn"),
          LAYER + "ffn_output",
          LAYER + "full_layer_layer_norm");

  private static final Defaults DEFAULTS = new Defaults(1e-12, "gelu_new", 0);

  private final int embeddingWidth;
  private final int groups;
  private final Classifier classifier;

  Albert(String model, JsonFile config) throws IOException {
    super(
        model,
        withoutOutputDropout(sizes(model, config, DEFAULTS)),
        NAMES,
        config.getInt("type_vocab_size", 2, 0, SizeLimits.KINDS),
        0);
    embeddingWidth = config.getInt("embedding_size", 128, 1, SizeLimits.WIDTH);
    groups = config.getInt("num_hidden_groups", 1, 1, sizes().layers());
    int inner = config.getInt("inner_group_num", 1);
    if (inner != 1) {
      throw ModelException.of(model, "inner_group_num is " + inner + ", only 1 is supported");
    }
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pooler", Activation.TANH).inNetwork(),
            "classifier",
            0,
            config.getDouble("classifier_dropout_prob", 0.1));
  }

  private static Sizes withoutOutputDropout(Sizes sizes) {
    Dropout rates = sizes.dropout();
    return sizes.withDropout(new Dropout(rates.states(), rates.attended(), 0, rates.attention()));
  }

  @Override
  int embeddingWidth() {
    return embeddingWidth;
  }

  @Override
  Optional<String> embeddingProjection() {
    return Optional.of("encoder.embedding_hidden_mapping_in");
  }

  @Override
  int layersOfWeights() {
    return groups;
  }

  /** As the reference divides it. */
  @Override
  String layerOfWeights() {
    return "int(torch.div(layer, " + (double) sizes().layers() / groups + "))";
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  /** Its states become as narrow as the embeddings. */
  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    HeadLayer layer =
        HeadLayer.of("predictions.dense", sizes().activation())
            .to(embeddingWidth)
            .with(new HeadLayer.Norm("predictions.LayerNorm", true, sizes().eps()));
    return Optional.of(
        MaskedLanguageHead.of(layer, "predictions.decoder", "predictions.bias", WORDS));
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of(
        "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout_prob");
  }

  @Override
  public String prefix() {
    return "albert.";
  }
}
