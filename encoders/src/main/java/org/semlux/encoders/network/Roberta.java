package org.semlux.encoders.network;

import java.io.IOException;
import org.semlux.encoders.folder.JsonFile;

/**
 * RoBERTa, XLM-RoBERTa and CamemBERT: BERT whose positions begin after the padding token's id (Liu
 * et al. 2019, <a href="https://arxiv.org/abs/1907.11692">arXiv:1907.11692</a>).
 */
final class Roberta extends Bert {
  private final int padding;

  Roberta(String model, JsonFile config) throws IOException {
    super(model, config);
    padding = config.getInt("pad_token_id", 1, 0, sizes().vocabulary() - 1);
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
