package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * DistilBERT: BERT without token types, under names of its own (Sanh et al. 2019, <a
 * href="https://arxiv.org/abs/1910.01108">arXiv:1910.01108</a>).
 */
final class DistilBert extends PostNormTransformer {
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "transformer.layer.",
          List.of("attention.q_lin", "attention.k_lin", "attention.v_lin"),
          "attention.out_lin",
          "sa_layer_norm",
          List.of("ffn.lin1"),
          "ffn.lin2",
          "output_layer_norm");

  private final Classifier classifier;

  DistilBert(String model, JsonFile config) throws IOException {
    super(model, sizes(model, config), NAMES);
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pre_classifier", Activation.RELU),
            "classifier",
            0,
            config.getDouble("seq_classif_dropout", 0.2));
  }

  private static Sizes sizes(String model, JsonFile config) throws IOException {
    double dropout = config.getDouble("dropout", 0.1);
    return new Sizes(
        config.requireInt("dim", 1, SizeLimits.WIDTH),
        config.requireInt("n_heads", 1, SizeLimits.HEADS),
        config.requireInt("n_layers", 1, SizeLimits.LAYERS),
        config.requireInt("hidden_dim", 1, SizeLimits.WIDTH),
        config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY),
        config.requireInt("max_position_embeddings", 1, SizeLimits.POSITIONS),
        1e-12,
        Activation.of(model, config.getString("activation", "gelu")),
        new Dropout(dropout, 0, dropout, config.getDouble("attention_dropout", 0.1)));
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    HeadLayer layer =
        HeadLayer.of("vocab_transform", sizes().activation())
            .with(new HeadLayer.Norm("vocab_layer_norm", true, sizes().eps()));
    return Optional.of(
        MaskedLanguageHead.of(layer, "vocab_projector", "vocab_projector.bias", WORDS));
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("dropout", "attention_dropout");
  }

  @Override
  public String prefix() {
    return "distilbert.";
  }
}
