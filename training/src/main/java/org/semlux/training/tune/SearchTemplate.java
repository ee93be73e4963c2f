package org.semlux.training.tune;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.folder.JsonFile;

/**
 * The body of a search, with {@code {{query}}} and other names for what differs.
 *
 * {@snippet lang=java :
 * SearchTemplate template = SearchTemplate.read(Path.of("retriever.json"));
 * if (template.names("model")) {
 *   template = template.with("model", "minilm-2");
 * }
 * template.search("who plays"); // the body, with this query
 * }
 *
 * @param file that it was read from
 * @param body as text
 */
public record SearchTemplate(Path file, String body) {
  private static final String QUERY = "query";

  /**
   * Reads a file.
   *
   * @throws IOException when it is no JSON object, or asks the same whatever the query
   */
  public static SearchTemplate read(Path file) throws IOException {
    SearchTemplate read = new SearchTemplate(file, JsonFile.read(file).object().toString());
    if (!read.names(QUERY)) {
      throw new IOException(file + " has no {{query}}, which stands where the query belongs");
    }
    return read;
  }

  /** Whether something goes by a name in it. */
  public boolean names(String name) {
    return body.contains(hole(name));
  }

  private static String hole(String name) {
    return "{{" + name + "}}";
  }

  /** The same with a value for a name. */
  public SearchTemplate with(String name, String value) {
    String quoted = new JsonPrimitive(value).toString();
    return new SearchTemplate(
        file, body.replace(hole(name), quoted.substring(1, quoted.length() - 1)));
  }

  /** The search for a query. */
  public JsonObject search(String query) {
    return JsonParser.parseString(with(QUERY, query).body).getAsJsonObject();
  }
}
