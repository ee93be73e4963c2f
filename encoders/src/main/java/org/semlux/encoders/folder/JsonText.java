package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelFileException;

/**
 * JSON that a stranger wrote, read within bounds: bytes, values and depth are counted before they
 * take memory, so that what is read never takes more than about half of the heap.
 *
 * {@snippet lang=java :
 * JsonText.nameOf(Path.of("/models/mini/config.json")); // "mini/config.json"
 * JsonFile file = JsonFile.read(Path.of("model/tokenizer.json"));
 * JsonText.look( // an IOException with this message where the values are of other types
 *     file.name() + " is no tokenizer",
 *     () -> System.out.println(file.object().getAsJsonObject("model").get("type").getAsString()));
 * }
 */
public final class JsonText {
  /** Lists and objects in each other; tokenizers, the deepest files of a model, have below ten. */
  static final int MAX_DEPTH = 100;

  /** A value takes 240 bytes at most beside its text, so all of them less than half of the heap. */
  private static final long MAX_VALUES = Runtime.getRuntime().maxMemory() / 512;

  static final long MAX_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private static final Pattern PLACE = Pattern.compile("at line \\d+ column \\d+");

  private JsonText() {}

  /**
   * Reads a file that holds one JSON value.
   *
   * @throws IOException when it is missing, no file, no JSON or beyond the bounds; the message
   *     names the file by its last two names and echoes nothing of it
   */
  static JsonElement read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new ModelFileException(nameOf(file) + " is a folder where a file is expected");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      GitLfs.refusePointer(file, channel);
      return read(file, channel, channel.size());
    } catch (NoSuchFileException e) {
      throw new ModelFileException(nameOf(file) + " is missing", e);
    }
  }

  /** Reads the next bytes of a file: {@code size} of them, or those that are left. */
  static JsonElement read(Path file, FileChannel channel, long size) throws IOException {
    return read(file, Channels.newInputStream(channel), size);
  }

  /** Reads {@code size} bytes, or those that there are, that are or will be in a file. */
  static JsonElement read(Path file, InputStream in, long size) throws IOException {
    if (size > MAX_BYTES) {
      throw new ModelFileException(
          "%s has %s bytes of JSON, a heap of this size reads %s"
              .formatted(nameOf(file), size, MAX_BYTES));
    }
    InputStreamReader characters =
        new InputStreamReader(new FirstBytes(in, size), UTF_8.newDecoder());
    try {
      JsonReader reader = new CountingReader(file, new BufferedReader(characters));
      JsonElement json = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ModelFileException(nameOf(file) + " holds more than one JSON value");
      }
      return json;
    } catch (CharacterCodingException e) {
      throw new ModelFileException(nameOf(file) + " is not written in UTF-8", e);
    } catch (JsonParseException | MalformedJsonException | EOFException e) {
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, Exception e) {
    if (e.getCause() instanceof CharacterCodingException) {
      return new ModelFileException(nameOf(file) + " is not written in UTF-8", e);
    }
    if (e.getCause() instanceof TooManyException) {
      return new ModelFileException(e.getCause().getMessage(), e);
    }
    Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
    String where = place.find() ? " " + place.group() : "";
    return new ModelFileException(
        nameOf(file) + " does not hold the JSON that it should" + where, e);
  }

  /** What looks through JSON that a stranger wrote. */
  public interface Look {
    void at() throws IOException;
  }

  /**
   * Looks through JSON whose values may be of other types than they should, or missing.
   *
   * @param problem the message where one is
   */
  public static void look(String problem, Look look) throws IOException {
    try {
      look.at();
    } catch (IllegalStateException
        | UnsupportedOperationException
        | ClassCastException
        | NumberFormatException
        | IndexOutOfBoundsException
        | NullPointerException e) {
      throw new ModelFileException(problem, e);
    }
  }

  /** A file's folder and name: for messages, which go to people who are not on this machine. */
  public static String nameOf(Path file) {
    int names = file.getNameCount();
    return names > 2 ? file.subpath(names - 2, names).toString() : file.toString();
  }

  /** What kind of value it is, for messages. */
  static String kindOf(JsonElement json) {
    if (json == null || json.isJsonNull()) {
      return "null";
    }
    if (json.isJsonPrimitive()) {
      return json.getAsJsonPrimitive().isString()
          ? "a text"
          : json.getAsJsonPrimitive().isBoolean() ? "true or false" : "a number";
    }
    return json.isJsonArray() ? "a list" : "an object";
  }

  private static final class TooManyException extends IOException {
    TooManyException(String message) {
      super(message);
    }
  }

  /** A reader that gives up at too many values. */
  private static final class CountingReader extends JsonReader {
    private final Path file;
    private long values;

    CountingReader(Path file, Reader in) {
      super(in);
      this.file = file;
      setStrictness(Strictness.LENIENT);
      setNestingLimit(MAX_DEPTH);
    }

    private void count() throws IOException {
      if (++values > MAX_VALUES) {
        throw new TooManyException(
            nameOf(file) + " holds more than the " + MAX_VALUES + " values that this heap reads");
      }
    }

    @Override
    public void beginArray() throws IOException {
      count();
      super.beginArray();
    }

    @Override
    public void beginObject() throws IOException {
      count();
      super.beginObject();
    }

    @Override
    public String nextString() throws IOException {
      count();
      return super.nextString();
    }

    @Override
    public boolean nextBoolean() throws IOException {
      count();
      return super.nextBoolean();
    }

    @Override
    public void nextNull() throws IOException {
      count();
      super.nextNull();
    }
  }
}
