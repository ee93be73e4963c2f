package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads texts that belong to nothing: what a model sees, without what it should answer.
 *
 * {@snippet lang=java :
 * // both sides, each sentence once
 * List<String> texts = Sentences.read(Path.of("sts-train.csv"), every -> {});
 * }
 */
public final class Sentences {
  /** At least so many are kept of a file that holds more. */
  static final int ENOUGH = 20_000;

  private final Set<String> texts = new LinkedHashSet<>();
  private int stride = 1;
  private long number;

  private final Consumer<String> every;

  private Sentences(Consumer<String> every) {
    this.every = every;
  }

  /**
   * The different sentences of a file in their order, none of them blank: both sentences of the
   * pairs in a file that {@link ScoredPairs#areIn} knows by its name, else every line. Of a file
   * that holds very many, every second, every fourth and so on.
   *
   * @param every gets all that are not blank, as they are read, also those that are not kept
   * @throws IOException when the file cannot be read or holds no text
   */
  public static List<String> read(Path file, Consumer<String> every) throws IOException {
    Sentences sentences = new Sentences(every);
    if (ScoredPairs.areIn(file)) {
      for (ScoredPair pair : ScoredPairs.read(file, PairColumns.DEFAULT)) {
        sentences.add(pair.sentence1());
        sentences.add(pair.sentence2());
      }
    } else {
      try (TextLines lines = TextLines.open(file)) {
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
          sentences.add(line.get());
        }
      }
    }
    if (sentences.texts.isEmpty()) {
      throw new IOException("[" + file + "] holds no text");
    }
    return List.copyOf(sentences.texts);
  }

  private void add(String text) {
    if (text.isBlank()) {
      return;
    }
    every.accept(text);
    if (number++ % stride != 0) {
      return;
    }
    texts.add(text);
    if (texts.size() == 2 * ENOUGH) {
      thin();
    }
  }

  private void thin() {
    int place = 0;
    for (Iterator<String> next = texts.iterator(); next.hasNext(); place++) {
      next.next();
      if (place % 2 == 1) {
        next.remove();
      }
    }
    stride *= 2;
  }
}
