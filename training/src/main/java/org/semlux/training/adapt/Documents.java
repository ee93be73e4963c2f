package org.semlux.training.adapt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.semlux.training.data.StrictJson;
import org.semlux.training.data.TextLines;
import org.semlux.training.index.Index;
import org.semlux.training.index.SourceText;

/**
 * Where a corpus comes from.
 *
 * {@snippet lang=java :
 * DocumentSample sample = new DocumentSample(10_000, Set.of(), 42);
 * new Documents("text", "title").read(Path.of("corpus.jsonl.gz"), sample);
 * List<Document> documents = sample.documents(); // 10,000 of all at the most
 * }
 *
 * @param field of texts
 * @param titleField of titles; a document may lack it
 */
public record Documents(String field, String titleField) {
  /** Where titles are unless somebody says otherwise. */
  public static final String TITLE = "title";

  /** Takes them one after the other. */
  public interface Sink {
    void accept(Document document) throws IOException;
  }

  /** Whether a file's lines are JSON objects, by its name. */
  public static boolean areObjects(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.jsonl?(\\.gz)?");
  }

  /**
   * The documents of a file: of {@code .jsonl} an object a line, with an id under {@code _id}
   * perhaps; of anything else each line. What has no id is called by the number of its line.
   *
   * @throws IOException when the file cannot be read; a bad line is named
   */
  public void read(Path file, Sink sink) throws IOException {
    boolean objects = areObjects(file);
    long number = 0;
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        number++;
        if (line.get().isBlank()) {
          continue;
        }
        String id = Long.toString(number);
        sink.accept(
            objects
                ? document(lines.where(), StrictJson.object(lines.where(), line.get()), id)
                : new Document(id, "", line.get()));
      }
    }
  }

  private Document document(String where, JsonObject object, String id) throws IOException {
    JsonElement text = object.get(field);
    if (text == null || !text.isJsonPrimitive()) {
      throw new IOException(where + ": no text [" + field + "], found " + object.keySet());
    }
    String own = SourceText.of(object, "_id");
    return new Document(
        own.isEmpty() ? id : own, SourceText.of(object, titleField), text.getAsString());
  }

  /** The documents of an index; those without a text are left out. */
  public void read(Index index, Sink sink) throws IOException {
    index.read(
        List.of(field, titleField),
        (id, source) ->
            sink.accept(
                new Document(id, SourceText.of(source, titleField), SourceText.of(source, field))));
  }
}
