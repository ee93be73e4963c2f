package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * RoBERTa, XLM-RoBERTa and CamemBERT: BERT whose positions begin after the padding token's id (Liu
 * et al. 2019, <a href="https://arxiv.org/abs/1907.11692">arXiv:1907.11692</a>).
 */
final class Roberta extends Bert {
  private final int padding;
  private final Classifier classifier;

  Roberta(String model, JsonFile config) throws IOException {
    super(model, config);
    padding = config.getInt("pad_token_id", 1, 0, sizes().vocabulary() - 1);
    classifier = classifier(classifierDropout(config));
  }

  /** As its kin has it too. */
  static Classifier classifier(double dropout) {
    return Classifier.ofFirstState(
        HeadLayer.of("classifier.dense", Activation.TANH), "classifier.out_proj", dropout, dropout);
  }

  /** As its kin has it too: GELU, whatever the config says. */
  static MaskedLanguageHead maskedLanguageHead(double eps) {
    HeadLayer layer =
        HeadLayer.of("lm_head.dense", Activation.GELU)
            .with(new HeadLayer.Norm("lm_head.layer_norm", true, eps));
    return MaskedLanguageHead.of(layer, "lm_head.decoder", "lm_head.bias", WORDS);
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.of(maskedLanguageHead(sizes().eps()));
  }

  @Override
  int padding() {
    return padding;
  }

  @Override
  public String prefix() {
    return "roberta.";
  }
}
