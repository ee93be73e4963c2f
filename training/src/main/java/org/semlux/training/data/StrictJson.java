package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_16BE;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semlux.encoders.api.Excerpt;

/**
 * JSON as RFC 8259 has it: by default the parser takes much more.
 *
 * {@snippet lang=java :
 * JsonObject row = StrictJson.object("rows.jsonl:1", "{\"text\": \"A man plays.\"}");
 * StrictJson.parse("{text: 1}"); // a JsonParseException: names need quotes
 * }
 */
public final class StrictJson {
  private static final Pattern COLUMN = Pattern.compile(" at line (\\d+) column (\\d+)");

  private StrictJson() {}

  /**
   * The one value that a text holds.
   *
   * @throws JsonParseException when it holds none, something else or more, saying where
   */
  public static JsonElement parse(String text) {
    if (text.isBlank()) { // which the parser takes for null
      throw new JsonParseException("it is empty");
    }
    JsonReader reader = new WholeTexts(text);
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement value = JsonParser.parseReader(reader);
      if (reader.peek() == JsonToken.END_DOCUMENT) {
        return value;
      }
      throw new JsonParseException("more than one value" + reader);
    } catch (JsonParseException | IOException e) {
      throw new JsonParseException(problem(text, String.valueOf(e.getMessage())), e);
    }
  }

  /**
   * The one object that a line of a file holds.
   *
   * @param where the line, {@code file:line}
   * @throws IOException when it holds none, or a key twice, saying where
   */
  public static JsonObject object(String where, String line) throws IOException {
    if (line.stripLeading().startsWith("[")) { // as other tools write whole files
      throw new IOException(
          where
              + ": a list begins, where an object is expected: write an object a line (JSON lines)");
    }
    try {
      JsonElement element = parse(line);
      if (element.isJsonObject()) {
        requireDifferentKeys(where, line);
        return element.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new IOException(where + ": not a JSON object: " + e.getMessage(), e);
    }
    throw new IOException(where + ": not a JSON object");
  }

  /** The parser takes the last value of a key that comes twice. */
  private static void requireDifferentKeys(String where, String line) throws IOException {
    JsonReader reader = new WholeTexts(line);
    Set<String> keys = new HashSet<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      if (!keys.add(key)) {
        throw new IOException(where + ": the key [" + key + "] is there twice: leave one out");
      }
      reader.skipValue();
    }
  }

  /**
   * What to say where a row has no such value.
   *
   * @param wanted such as {@code text}
   */
  static String lacks(JsonObject row, String key, String wanted) {
    JsonElement found = row.get(key);
    if (found == null) {
      return "no %s [%s], found %s".formatted(wanted, key, row.keySet());
    }
    String what = found.isJsonNull() ? "null" : found.isJsonArray() ? "a list" : "an object";
    return "[%s] is %s, where a %s is expected".formatted(key, what, wanted);
  }

  /**
   * Reads U+FFFD for each half of a character that stands alone, which JSON can say and no file can
   * hold, as tokenizers do: else what is written in the end would fail.
   */
  private static final class WholeTexts extends JsonReader {
    WholeTexts(String json) {
      super(new StringReader(json));
    }

    @Override
    public String nextString() throws IOException {
      return whole(super.nextString());
    }

    @Override
    public String nextName() throws IOException {
      return whole(super.nextName());
    }

    private static String whole(String text) {
      return Excerpt.isWhole(text) ? text : new String(text.getBytes(UTF_16BE), UTF_16BE);
    }
  }

  /** The parser's own messages advise programmers. */
  private static String problem(String text, String message) {
    Matcher place = COLUMN.matcher(message);
    if (!place.find() || message.contains("EOFException") || message.contains("Unterminated")) {
      return "it ends too early";
    }
    boolean oneLine = text.strip().indexOf('\n') < 0;
    return "it is malformed at "
        + (oneLine ? "" : "line " + place.group(1) + ", ")
        + "column "
        + place.group(2);
  }
}
