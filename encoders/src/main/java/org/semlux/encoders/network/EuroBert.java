package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * EuroBERT: Llama that sees both ways (Boizard et al. 2025, <a
 * href="https://arxiv.org/abs/2503.05500">arXiv:2503.05500</a>).
 */
final class EuroBert extends LlamaTransformer {
  private static final Defaults DEFAULTS = new Defaults(0, 1e-5, 8_192, "silu");

  private final LayerTypes layers;
  private final RotaryPositions rotary;
  private final Classifier classifier;
  private final MaskedLanguageHead maskedLanguageHead;

  EuroBert(String model, JsonFile config) throws IOException {
    super(model, config, DEFAULTS, "hidden_act", false);
    layers = LayerTypes.allFull(config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS));
    rotary = RotaryPositions.of(model, config, 10_000);
    classifier = classifier(model, pooling(config));
    maskedLanguageHead =
        new MaskedLanguageHead(
            Optional.empty(),
            "lm_head.weight",
            "lm_head.bias",
            "lm_head.bias",
            config.getBoolean("mlp_bias", false),
            false,
            WORDS,
            List.of("mlp_bias"));
  }

  /** Folders that came with code of their own call it as that code does; transformers' win. */
  private static String pooling(JsonFile config) throws IOException {
    return config.getString("classifier_pooling", config.getString("clf_pooling", "late"));
  }

  private static Classifier classifier(String model, String pooling) {
    HeadLayer layer = HeadLayer.of("dense", Activation.GELU);
    return switch (pooling) {
      case "late" -> Classifier.ofPooled("mean", true, layer, "classifier", 0);
      case "mean" -> Classifier.ofPooled("mean", false, layer, "classifier", 0);
      case "bos" -> Classifier.ofPooled("cls", false, layer, "classifier", 0);
      default ->
          throw ModelException.of(
              model,
              "unknown classifier_pooling [%s], known are bos, late and mean"
                  .formatted(ModelException.brief(pooling)));
    };
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.of(maskedLanguageHead);
  }

  @Override
  LayerTypes layers() {
    return layers;
  }

  @Override
  RotaryPositions far() {
    return rotary;
  }
}
