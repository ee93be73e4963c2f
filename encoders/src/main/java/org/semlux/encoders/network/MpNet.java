package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * MPNet: no token types, positions after the padding token's id, and relative positions in every
 * layer's attention (Song et al. 2020, <a
 * href="https://arxiv.org/abs/2004.09297">arXiv:2004.09297</a>).
 */
final class MpNet extends Bert {
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "encoder.layer.",
          List.of("attention.attn.q", "attention.attn.k", "attention.attn.v"),
          "attention.attn.o",
          "attention.LayerNorm",
          List.of("intermediate.dense"),
          "output.dense",
          "output.LayerNorm");

  /** Fixed in the reference, whatever the config says. */
  private static final int PADDING = 1;

  private final int buckets;
  private final Classifier classifier;

  MpNet(String model, JsonFile config) throws IOException {
    super(model, config, NAMES, 0);
    buckets = config.getInt("relative_attention_num_buckets", USED_BUCKETS, 1, SizeLimits.KINDS);
    classifier = Roberta.classifier(config.getDouble("hidden_dropout_prob", 0.1));
    if (buckets < USED_BUCKETS) {
      throw ModelException.of(
          model, "relative_attention_num_buckets is " + buckets + ", MPNet uses " + USED_BUCKETS);
    }
  }

  @Override
  int padding() {
    return PADDING;
  }

  @Override
  int relativeBuckets() {
    return buckets;
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
    return "mpnet.";
  }
}
