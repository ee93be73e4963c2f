package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * Jina's third encoder: XLM-RoBERTa with rotary positions (Sturua et al. 2024, <a
 * href="https://arxiv.org/abs/2409.10173">arXiv:2409.10173</a>).
 */
final class JinaEmbeddingsV3 extends Bert {
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "layers.",
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          "self_attn.o_proj",
          "post_attention_layernorm",
          List.of("mlp.fc1"),
          "mlp.fc2",
          "post_mlp_layernorm");

  private static final ModuleNames PUBLISHED =
      new ModuleNames(
          "emb_ln",
          "encoder.layers.",
          List.of("mixer.Wqkv"),
          "mixer.out_proj",
          "norm1",
          List.of("mlp.fc1"),
          "mlp.fc2",
          "norm2");

  private static final Defaults DEFAULTS = new Defaults(1e-5, "gelu", 0.1);

  private final RotaryPositions rotary;
  private final Classifier classifier;

  JinaEmbeddingsV3(String model, JsonFile config) throws IOException {
    super(
        model,
        sizes(model, config, DEFAULTS),
        NAMES,
        config.getInt("type_vocab_size", 1, 0, SizeLimits.KINDS),
        0);
    rotary = RotaryPositions.of(model, config, 20_000);
    classifier = Roberta.classifier(classifierDropout(config));
  }

  @Override
  Optional<ModuleNames> otherNames() {
    return Optional.of(PUBLISHED);
  }

  @Override
  Optional<RotaryPositions> rotary() {
    return Optional.of(rotary);
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.of(Roberta.maskedLanguageHead(sizes().eps()));
  }

  @Override
  public String prefix() {
    return "roberta.";
  }
}
