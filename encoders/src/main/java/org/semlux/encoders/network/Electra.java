package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * ELECTRA: BERT whose embeddings may be narrower than its layers (Clark et al. 2020, <a
 * href="https://arxiv.org/abs/2003.10555">arXiv:2003.10555</a>).
 */
final class Electra extends Bert {
  private final int embeddingWidth;
  private final Classifier classifier;

  Electra(String model, JsonFile config) throws IOException {
    super(model, config);
    embeddingWidth = config.getInt("embedding_size", 128, 1, SizeLimits.WIDTH);
    double dropout = classifierDropout(config);
    // GELU, whatever the config says
    HeadLayer layer = HeadLayer.of("classifier.dense", Activation.GELU);
    classifier = Classifier.ofFirstState(layer, "classifier.out_proj", dropout, dropout);
  }

  @Override
  int embeddingWidth() {
    return embeddingWidth;
  }

  @Override
  Optional<String> embeddingProjection() {
    return embeddingWidth == hidden() ? Optional.empty() : Optional.of("embeddings_project");
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  /** Its generator is a model of its own. */
  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.empty();
  }

  @Override
  public String prefix() {
    return "electra.";
  }
}
