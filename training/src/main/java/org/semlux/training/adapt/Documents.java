package org.semlux.training.adapt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.semlux.training.data.StrictJson;
import org.semlux.training.data.TextLines;

/** Reads a corpus with its titles. */
public final class Documents {
  private Documents() {}

  /**
   * The documents of a file: of {@code .jsonl} the values of two keys, of anything else each line.
   *
   * @param field the key of texts
   * @param titleField the key of titles; a document may lack it
   * @throws IOException when the file cannot be read; a bad line is named
   */
  public static List<Document> read(Path file, String field, String titleField) throws IOException {
    boolean objects =
        file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.jsonl?(\\.gz)?");
    List<Document> documents = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          continue;
        }
        documents.add(
            objects
                ? document(lines.where(), line.get(), field, titleField)
                : new Document("", line.get()));
      }
    }
    return documents;
  }

  private static Document document(String where, String line, String field, String titleField)
      throws IOException {
    JsonObject object = StrictJson.object(where, line);
    String title = object.has(titleField) ? string(where, object, titleField) : "";
    return new Document(title, string(where, object, field));
  }

  private static String string(String where, JsonObject object, String key) throws IOException {
    JsonElement value = object.get(key);
    if (value == null || !value.isJsonPrimitive()) {
      throw new IOException(where + ": no text [" + key + "], found " + object.keySet());
    }
    return value.getAsString();
  }
}
