package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * BERT, as Hugging Face's {@code BertModel} stores it (Devlin et al. 2019, <a
 * href="https://arxiv.org/abs/1810.04805">arXiv:1810.04805</a>).
 */
class Bert extends PostNormTransformer {
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "encoder.layer.",
          List.of("attention.self.query", "attention.self.key", "attention.self.value"),
          "attention.output.dense",
          "attention.output.LayerNorm",
          List.of("intermediate.dense"),
          "output.dense",
          "output.LayerNorm");

  /**
   * What a config means that leaves keys out.
   *
   * @param eps added to variances
   * @param activation of the feed-forward network
   * @param dropout the rate of the states
   */
  record Defaults(double eps, String activation, double dropout) {}

  private static final Defaults DEFAULTS = new Defaults(1e-12, "gelu", 0.1);

  private final int types;
  private final Classifier classifier;

  Bert(String model, JsonFile config) throws IOException {
    this(model, config, NAMES, config.getInt("type_vocab_size", 2, 0, SizeLimits.KINDS));
    String positions = config.getString("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw ModelException.of(
          model,
          "position_embedding_type [" + positions + "] is not supported, only [absolute] is");
    }
  }

  /** For an architecture whose config speaks BERT's words. */
  Bert(String model, JsonFile config, ModuleNames names, int types) throws IOException {
    this(model, sizes(model, config, DEFAULTS), names, types, classifierDropout(config));
  }

  /** For one that means something else by keys that are left out. */
  Bert(String model, Sizes sizes, ModuleNames names, int types, double classifierDropout) {
    super(model, sizes, names);
    this.types = types;
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pooler.dense", Activation.TANH).inNetwork(),
            "classifier",
            0,
            classifierDropout);
  }

  /** The rate before a classifier's last product. */
  static double classifierDropout(JsonFile config) throws IOException {
    return config.getDouble("classifier_dropout", config.getDouble("hidden_dropout_prob", 0.1));
  }

  static Sizes sizes(String model, JsonFile config, Defaults defaults) throws IOException {
    double dropout = config.getDouble("hidden_dropout_prob", defaults.dropout);
    return new Sizes(
        config.requireInt("hidden_size", 1, SizeLimits.WIDTH),
        config.requireInt("num_attention_heads", 1, SizeLimits.HEADS),
        config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS),
        config.requireInt("intermediate_size", 1, SizeLimits.WIDTH),
        config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY),
        config.requireInt("max_position_embeddings", 1, SizeLimits.POSITIONS),
        config.getDouble("layer_norm_eps", defaults.eps),
        Activation.of(model, config.getString("hidden_act", defaults.activation)),
        new Dropout(
            dropout,
            dropout,
            dropout,
            config.getDouble("attention_probs_dropout_prob", defaults.dropout)));
  }

  @Override
  final int types() {
    return types;
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    HeadLayer layer =
        HeadLayer.of("cls.predictions.transform.dense", sizes().activation())
            .with(new HeadLayer.Norm("cls.predictions.transform.LayerNorm", true, sizes().eps()));
    return Optional.of(
        MaskedLanguageHead.of(layer, "cls.predictions.decoder", "cls.predictions.bias", WORDS));
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("hidden_dropout_prob", "attention_probs_dropout_prob");
  }

  @Override
  public String prefix() {
    return "bert.";
  }
}
