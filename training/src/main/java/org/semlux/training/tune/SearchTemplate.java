package org.semlux.training.tune;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  public static final String MODEL = "model";
  public static final String FIELD = "field";
  private static final String QUERY = "query";
  private static final Pattern HOLE = Pattern.compile("\\{\\{(.*?)}}");

  /**
   * Reads a file.
   *
   * @throws IOException when it is no JSON object, asks the same whatever the query, or has a place
   *     for anything else
   */
  public static SearchTemplate read(Path file) throws IOException {
    SearchTemplate read = new SearchTemplate(file, JsonFile.read(file).object().toString());
    if (!read.names(QUERY)) {
      throw new IOException(file + " has no {{query}}, which stands where the query belongs");
    }
    Matcher holes = HOLE.matcher(read.body);
    while (holes.find()) {
      if (!Set.of(QUERY, MODEL, FIELD).contains(holes.group(1))) {
        throw new IOException(
            "%s has %s, where {{query}}, {{model}} and {{field}} are known"
                .formatted(file, holes.group()));
      }
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
