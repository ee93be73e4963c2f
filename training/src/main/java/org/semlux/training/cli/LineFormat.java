package org.semlux.training.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.semlux.encoders.api.TextPair;
import org.semlux.training.data.StrictJson;
import org.semlux.training.run.ModelRun;
import org.semlux.training.run.Progress;

/**
 * What a line of input means, and what a line of output says of it.
 *
 * @param <T> a text or a pair
 * @param <R> its answer
 * @param task what is done, such as {@code Encoding}
 * @param length of a text in characters
 * @param submit an encoder's work
 * @param write appends an answer, without line end
 */
record LineFormat<T, R>(
    String task,
    Progress.Unit unit,
    Reader<T> read,
    ToIntFunction<T> length,
    Function<List<T>, CompletableFuture<List<R>>> submit,
    BiConsumer<StringBuilder, R> write) {

  /** Reads a line. */
  interface Reader<T> {
    /** Fails with {@code where}, which is file and line, for one that cannot be read. */
    T read(String where, String line) throws IOException;
  }

  /** A text a line: a JSON string if it starts with a quote, else plain text as it stands. */
  static <R> LineFormat<String, R> ofTexts(
      Function<List<String>, CompletableFuture<List<R>>> submit,
      BiConsumer<StringBuilder, R> write) {
    return new LineFormat<>(
        "Encoding", Progress.Unit.TEXTS, LineFormat::text, String::length, submit, write);
  }

  /** A JSON array of two strings a line. */
  static <R> LineFormat<TextPair, R> ofPairs(
      Function<List<TextPair>, CompletableFuture<List<R>>> submit,
      BiConsumer<StringBuilder, R> write) {
    return new LineFormat<>(
        "Scoring", Progress.Unit.PAIRS, LineFormat::pair, ModelRun::length, submit, write);
  }

  private static String text(String where, String line) throws IOException {
    if (!line.startsWith("\"")) {
      return line;
    }
    try {
      return StrictJson.parse(line).getAsString();
    } catch (JsonParseException e) {
      throw new IOException(
          where + ": starts with a quote but is no JSON string: " + e.getMessage(), e);
    }
  }

  private static TextPair pair(String where, String line) throws IOException {
    String problem = where + ": no JSON array of two strings such as [\"a\",\"b\"]";
    try {
      JsonElement value = StrictJson.parse(line);
      if (value.isJsonArray()) {
        List<JsonElement> texts = value.getAsJsonArray().asList();
        if (texts.size() == 2 && texts.stream().allMatch(LineFormat::isString)) {
          return new TextPair(texts.get(0).getAsString(), texts.get(1).getAsString());
        }
      }
    } catch (JsonParseException e) {
      throw new IOException(problem + ": " + e.getMessage(), e);
    }
    throw new IOException(problem);
  }

  private static boolean isString(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }
}
