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

  /** The generator's, whose states become as narrow as the embeddings: GELU, as above. */
  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    HeadLayer layer =
        HeadLayer.of("generator_predictions.dense", Activation.GELU)
            .to(embeddingWidth)
            .with(new HeadLayer.Norm("generator_predictions.LayerNorm", true, sizes().eps()));
    return Optional.of(
        MaskedLanguageHead.of(layer, "generator_lm_head", "generator_lm_head.bias", WORDS));
  }

  @Override
  public String prefix() {
    return "electra.";
  }
}
