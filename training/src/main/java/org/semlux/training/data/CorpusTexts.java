package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a corpus to search: its texts alone.
 *
 * {@snippet lang=java :
 * List<String> texts = CorpusTexts.read(Path.of("corpus.jsonl.gz")); // title and text of each line
 * }
 */
public final class CorpusTexts {
  private CorpusTexts() {}

  /**
   * The texts of a file, in order, none of them blank: as {@link CorpusFile} reads it, {@code
   * title} before {@code text} where there is one.
   *
   * @throws IOException when the file cannot be read or holds no text; a bad line is named
   */
  public static List<String> read(Path file) throws IOException {
    List<String> texts = new ArrayList<>();
    new CorpusFile(file, "text", "title")
        .read(
            row -> {
              if (!row.titleAndText().isEmpty()) {
                texts.add(row.titleAndText());
              }
            });
    if (texts.isEmpty()) {
      throw new IOException("[" + file + "] holds no texts");
    }
    return texts;
  }
}
