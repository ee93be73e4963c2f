package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A JSON object in a file, read with errors that name the file and the key. */
public record JsonFile(Path file, JsonObject object) {
  /**
   * Reads a file that holds one JSON object.
   *
   * @throws IOException when it is missing or holds something else
   */
  public static JsonFile read(Path file) throws IOException {
    return new JsonFile(file, readElement(file, JsonElement::getAsJsonObject));
  }

  static <T> T readElement(Path file, Function<JsonElement, T> as) throws IOException {
    try {
      return as.apply(JsonParser.parseString(Files.readString(file, UTF_8)));
    } catch (NoSuchFileException e) {
      throw new IOException(file + " is missing", e);
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(file + " does not hold the JSON that it should: " + e.getMessage(), e);
    }
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

  public int requireInt(String key) throws IOException {
    return require(key, JsonElement::getAsInt);
  }

  public int getInt(String key, int otherwise) throws IOException {
    return has(key) ? requireInt(key) : otherwise;
  }

  public double getDouble(String key, double otherwise) throws IOException {
    return has(key) ? require(key, JsonElement::getAsDouble) : otherwise;
  }

  public boolean getBoolean(String key, boolean otherwise) throws IOException {
    return has(key) ? require(key, JsonElement::getAsBoolean) : otherwise;
  }

  public String requireString(String key) throws IOException {
    return require(key, JsonElement::getAsString);
  }

  public String getString(String key, String otherwise) throws IOException {
    return has(key) ? requireString(key) : otherwise;
  }

  public List<String> requireStrings(String key) throws IOException {
    return require(
        key,
        list -> list.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList());
  }

  public Optional<JsonFile> getObject(String key) throws IOException {
    if (!has(key)) {
      return Optional.empty();
    }
    return Optional.of(new JsonFile(file, require(key, JsonElement::getAsJsonObject)));
  }

  private <T> T require(String key, Function<JsonElement, T> as) throws IOException {
    if (!has(key)) {
      throw new IOException(file + " lacks \"" + key + "\"");
    }
    try {
      return as.apply(object.get(key));
    } catch (IllegalStateException | UnsupportedOperationException | NumberFormatException e) {
      throw new IOException(file + ": \"" + key + "\" is " + object.get(key), e);
    }
  }
}
