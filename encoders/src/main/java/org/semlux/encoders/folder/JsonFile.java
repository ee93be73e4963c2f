package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;

/**
 * A JSON object in a file, read with errors that name the file and the key.
 *
 * {@snippet lang=java :
 * JsonFile config = JsonFile.read(Path.of("model/config.json"));
 * int hidden = config.requireInt("hidden_size", 1, 1 << 16); // else an IOException says what is
 * double dropout = config.getDouble("hidden_dropout_prob", 0); // 0 where it is not there
 * }
 */
public record JsonFile(Path file, JsonObject object) {
  /**
   * Reads a file that holds one JSON object.
   *
   * @throws IOException when it is missing or holds something else
   */
  public static JsonFile read(Path file) throws IOException {
    return of(file, JsonText.read(file));
  }

  /**
   * The same of bytes that are on their way into a file.
   *
   * @param size how many there are
   */
  public static JsonFile read(Path file, InputStream in, long size) throws IOException {
    return of(file, JsonText.read(file, in, size));
  }

  private static JsonFile of(Path file, JsonElement json) throws IOException {
    if (!json.isJsonObject()) {
      throw new ModelFileException(
          JsonText.nameOf(file) + " holds " + JsonText.kindOf(json) + " instead of an object");
    }
    return new JsonFile(file, json.getAsJsonObject());
  }

  /** Reads a file that holds a list of objects. */
  public static List<JsonFile> readObjects(Path file) throws IOException {
    return objects(file, JsonText.read(file));
  }

  /**
   * The same of bytes that are on their way into a file.
   *
   * @param size how many there are
   */
  public static List<JsonFile> readObjects(Path file, InputStream in, long size)
      throws IOException {
    return objects(file, JsonText.read(file, in, size));
  }

  private static List<JsonFile> objects(Path file, JsonElement json) throws IOException {
    if (!json.isJsonArray()
        || !json.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonObject)) {
      throw new ModelFileException(JsonText.nameOf(file) + " does not hold a list of objects");
    }
    return json.getAsJsonArray().asList().stream()
        .map(element -> new JsonFile(file, element.getAsJsonObject()))
        .toList();
  }

  /**
   * Writes a JSON value for people to read, nulls included.
   *
   * @param indent blanks for each level
   */
  public static void write(Path file, JsonElement json, int indent) throws IOException {
    Gson gson =
        new GsonBuilder()
            .setFormattingStyle(FormattingStyle.PRETTY.withIndent(" ".repeat(indent)))
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    Files.writeString(file, gson.toJson(json) + "\n", UTF_8);
  }

  /** Whether the key is there and not null. */
  public boolean has(String key) {
    return object.has(key) && !object.get(key).isJsonNull();
  }

  /** The file's folder and name, for messages. */
  public String name() {
    return JsonText.nameOf(file);
  }

  /** A whole number that fits; {@code 32.9} and {@code "32"} are none. */
  public int requireInt(String key) throws IOException {
    return (int) whole(key, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /**
   * A whole number within bounds.
   *
   * @throws IOException naming the file, the key, what it is and what it may be
   */
  public int requireInt(String key, int least, int most) throws IOException {
    return (int) whole(key, least, most);
  }

  private long whole(String key, int least, int most) throws IOException {
    double number = require(key, JsonFile::isNumber, JsonElement::getAsDouble, "a number");
    // Every int is a double; what is none is not narrowed to one.
    if (number != Math.rint(number) || number < least || number > most) {
      String expected =
          least == Integer.MIN_VALUE && most == Integer.MAX_VALUE
              ? "a whole number"
              : "a whole number from " + least + " to " + most;
      throw wrong(key, expected);
    }
    return (long) number;
  }

  public int getInt(String key, int otherwise) throws IOException {
    return has(key) ? requireInt(key) : otherwise;
  }

  /** {@link #requireInt(String, int, int)} where the key is there. */
  public int getInt(String key, int otherwise, int least, int most) throws IOException {
    return has(key) ? requireInt(key, least, most) : otherwise;
  }

  /** A finite number. */
  public double getDouble(String key, double otherwise) throws IOException {
    if (!has(key)) {
      return otherwise;
    }
    double number = require(key, JsonFile::isNumber, JsonElement::getAsDouble, "a number");
    if (!Double.isFinite(number)) {
      throw wrong(key, "a finite number");
    }
    return number;
  }

  public boolean getBoolean(String key, boolean otherwise) throws IOException {
    return has(key)
        ? require(
            key,
            value -> value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean(),
            JsonElement::getAsBoolean,
            "true or false")
        : otherwise;
  }

  public String requireString(String key) throws IOException {
    return require(key, JsonFile::isText, JsonElement::getAsString, "a text");
  }

  public String getString(String key, String otherwise) throws IOException {
    return has(key) ? requireString(key) : otherwise;
  }

  public List<String> requireStrings(String key) throws IOException {
    return requireAll(key, JsonFile::isText, JsonElement::getAsString, "a list of texts");
  }

  /** Tokens by their numbers. */
  List<Integer> requireIds(String key) throws IOException {
    return requireAll(key, JsonFile::isId, JsonElement::getAsInt, "a list of tokens' ids");
  }

  private <T> List<T> requireAll(
      String key, Predicate<JsonElement> each, Function<JsonElement, T> read, String what)
      throws IOException {
    return require(
        key,
        value -> value.isJsonArray() && value.getAsJsonArray().asList().stream().allMatch(each),
        list -> list.getAsJsonArray().asList().stream().map(read).toList(),
        what);
  }

  public Optional<JsonFile> getObject(String key) throws IOException {
    return has(key) ? Optional.of(requireObject(key)) : Optional.empty();
  }

  public JsonFile requireObject(String key) throws IOException {
    return new JsonFile(
        file, require(key, JsonElement::isJsonObject, JsonElement::getAsJsonObject, "an object"));
  }

  private static boolean isNumber(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
  }

  private static boolean isId(JsonElement value) {
    double number = isNumber(value) ? value.getAsDouble() : -1;
    return number == Math.rint(number) && number >= 0 && number <= Integer.MAX_VALUE;
  }

  private static boolean isText(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }

  private <T> T require(
      String key, Predicate<JsonElement> is, Function<JsonElement, T> as, String expected)
      throws IOException {
    if (!has(key)) {
      throw new ModelFileException(name() + " lacks \"" + ModelException.brief(key) + "\"");
    }
    if (!is.test(object.get(key))) {
      throw wrong(key, expected);
    }
    return as.apply(object.get(key));
  }

  private IOException wrong(String key, String expected) {
    JsonElement value = object.get(key);
    String found = isNumber(value) ? value.getAsString() : JsonText.kindOf(value);
    return new ModelFileException(
        "%s: \"%s\" is %s, expected %s"
            .formatted(name(), ModelException.brief(key), ModelException.brief(found), expected));
  }
}
