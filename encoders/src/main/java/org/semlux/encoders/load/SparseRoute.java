package org.semlux.encoders.load;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;
import org.semlux.encoders.text.Vocabulary;

/** One way from text to terms: through a network or by looking tokens up. Thread-safe. */
public interface SparseRoute extends AutoCloseable {
  /**
   * Loads one route of a folder.
   *
   * @throws ModelException when it cannot be used
   */
  static SparseRoute load(ModelFolder folder, EncoderOptions options) throws IOException {
    return folder.modules().get(0).type().equals("SparseStaticEmbedding")
        ? LookupRoute.load(folder)
        : SpladeRoute.load(folder, options);
  }

  Tokenizer tokenizer();

  /** The terms of each sequence. */
  List<Terms> encode(List<Tokens> sequences);

  Vocabulary vocabulary();

  /** Terms that can have a weight. */
  int dimensions();

  /** Tokens of a text that are read. */
  int maxTokens();

  /** How many trained numbers each of its tensors holds, see {@link Routes#parameters}. */
  Map<Object, Long> tensors();

  /** Native memory that they take. */
  long bytes();

  /** Multiply-adds that a token takes. */
  long productsPerToken();

  /** What it multiplies in. */
  Precision precision();

  @Override
  void close();
}
