package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A safetensors file: eight bytes with the length of a JSON header, the header, the numbers.
 * Opening it reads and checks the header alone; numbers are mapped into memory when they are asked
 * for.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class Safetensors implements TensorSource {
  private static final int LENGTH_BYTES = Long.BYTES;

  /** The format's own bound, against files that are something else. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private record Entry(Dtype dtype, long[] shape, long offset, long length) {}

  private final Path file;
  private final Map<String, Entry> entries;

  private Safetensors(Path file, Map<String, Entry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * Reads and checks a file's header.
   *
   * @throws IOException when the file is missing, truncated or no safetensors file
   */
  public static Safetensors open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw corrupt(file, "it has " + size + " bytes, no header fits");
      }
      long header = read(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (header <= 0 || header > MAX_HEADER_BYTES) {
        throw corrupt(file, "its header claims " + header + " bytes");
      }
      long start = LENGTH_BYTES + header;
      if (start > size) {
        throw corrupt(
            file, "it ends at byte " + size + ", inside its header of " + header + " bytes");
      }
      String json = UTF_8.decode(read(channel, LENGTH_BYTES, (int) header)).toString();
      return new Safetensors(file, parse(file, json, start, size));
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  private static Map<String, Entry> parse(Path file, String json, long start, long size)
      throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    String name = "";
    try {
      JsonObject header = JsonParser.parseString(json).getAsJsonObject();
      for (String key : header.keySet()) {
        name = key;
        if (!key.equals("__metadata__")) {
          entries.put(key, entry(file, key, header.getAsJsonObject(key), start, size));
        }
      }
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | UnsupportedOperationException
        | ArithmeticException
        | IndexOutOfBoundsException
        | NumberFormatException e) {
      throw corrupt(file, "its header is damaged" + (name.isEmpty() ? "" : " at " + name));
    }
    return entries;
  }

  private static Entry entry(Path file, String name, JsonObject json, long start, long size)
      throws IOException {
    String type = json.get("dtype").getAsString();
    Optional<Dtype> dtype = Dtype.parse(type);
    if (dtype.isEmpty()) {
      throw corrupt(file, "tensor " + name + " has the unsupported type " + type);
    }
    JsonArray dimensions = json.getAsJsonArray("shape");
    long[] shape = new long[dimensions.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dimensions.get(i).getAsLong();
    }
    JsonArray offsets = json.getAsJsonArray("data_offsets");
    long begin = offsets.get(0).getAsLong();
    long length = offsets.get(1).getAsLong() - begin;
    if (begin < 0
        || length != Math.multiplyExact(StoredTensor.elements(shape), dtype.get().bytes())) {
      throw corrupt(file, "the size of tensor " + name + " does not match its shape");
    }
    if (start + begin + length > size) {
      throw corrupt(
          file, "it is truncated: tensor " + name + " ends after the file's " + size + " bytes");
    }
    return new Entry(dtype.get(), shape, start + begin, length);
  }

  private static IOException corrupt(Path file, String problem) {
    return new IOException(file + " is no usable safetensors file: " + problem);
  }

  @Override
  public Path file(String name) {
    return file;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  @Override
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(entries.get(name)).map(entry -> map(name, entry));
  }

  private StoredTensor map(String name, Entry entry) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer data =
          channel
              .map(FileChannel.MapMode.READ_ONLY, entry.offset, entry.length)
              .order(ByteOrder.LITTLE_ENDIAN);
      return new StoredTensor(name, entry.dtype, entry.shape, data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
