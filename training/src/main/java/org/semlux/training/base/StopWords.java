package org.semlux.training.base;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Words that a new model of word vectors leaves out. */
final class StopWords {
  /** English function words and punctuation: those of sentence-transformers' own tokenizer. */
  static final List<String> ENGLISH = read();

  private StopWords() {}

  private static List<String> read() {
    try (InputStream in = StopWords.class.getResourceAsStream("stop-words.txt")) {
      return new String(in.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
