package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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
   * The texts of a file, in order, none of them blank: of {@code .jsonl} the key {@code text}, with
   * {@code title} before it where there is one; of anything else each line.
   *
   * @throws IOException when the file cannot be read or holds no text; a bad line is named
   */
  public static List<String> read(Path file) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean objects = name.matches(".*\\.jsonl?(\\.gz)?");
    List<String> texts = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          texts.add(objects ? text(lines.where(), line.get()) : line.get());
        }
      }
    }
    if (texts.isEmpty()) {
      throw new IOException("[" + file + "] holds no texts");
    }
    return texts;
  }

  private static String text(String where, String line) throws IOException {
    JsonObject object = StrictJson.object(where, line);
    String title = object.has("title") ? string(where, object, "title") : "";
    return (title + " " + string(where, object, "text")).strip();
  }

  private static String string(String where, JsonObject object, String key) throws IOException {
    JsonElement value = object.get(key);
    if (value == null || !value.isJsonPrimitive()) {
      throw new IOException(where + ": no text [" + key + "], found " + object.keySet());
    }
    return value.getAsString();
  }
}
