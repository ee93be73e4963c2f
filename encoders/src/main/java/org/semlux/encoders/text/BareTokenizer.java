package org.semlux.encoders.text;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.util.Arrays;
import org.semlux.encoders.folder.JsonFile;

/**
 * A {@code tokenizer.json} without its special tokens, as static embeddings read texts. They have
 * no length of their own: texts are cut only where the file asks for it.
 */
final class BareTokenizer implements Tokenizer {
  private final FastTokenizer tokenizer;

  private BareTokenizer(FastTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  static BareTokenizer load(JsonFile file) throws IOException {
    JsonElement truncation = file.object().get("truncation");
    int maxTokens =
        truncation == null || truncation.isJsonNull()
            ? Integer.MAX_VALUE
            : new JsonFile(file.file(), truncation.getAsJsonObject()).requireInt("max_length");
    return new BareTokenizer(FastTokenizer.load(file, maxTokens, false));
  }

  @Override
  public Tokens tokenize(String text) {
    int[] ids = ids(text, maxTokens());
    return Tokens.of(ids.length <= maxTokens() ? ids : Arrays.copyOf(ids, maxTokens()));
  }

  /** Single texts only: nothing marks where one ends. */
  @Override
  public Tokens tokenize(String text, String pair) {
    throw new UnsupportedOperationException("static embeddings take no pairs");
  }

  @Override
  public int[] ids(String text, int enough) {
    return tokenizer.ids(text, enough);
  }

  @Override
  public int[] starts(String text, int enough) {
    return tokenizer.starts(text, enough);
  }

  /** Static embeddings tell no prompt from its text. */
  @Override
  public int prefixLength(String prompt) {
    return 0;
  }

  @Override
  public int maxTokens() {
    return tokenizer.maxTokens();
  }

  @Override
  public int vocabularySize() {
    return tokenizer.vocabularySize();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
