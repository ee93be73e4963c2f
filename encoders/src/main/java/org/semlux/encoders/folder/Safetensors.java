package org.semlux.encoders.folder;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;

/**
 * A safetensors file: eight bytes with the length of a JSON header, the header, the numbers.
 * Opening it reads and checks the header alone; numbers are read or mapped when they are asked for.
 *
 * {@snippet lang=java :
 * Safetensors file = Safetensors.open(Path.of("model/model.safetensors"));
 * for (String name : file.names()) {
 *   StoredTensor tensor = file.find(name).orElseThrow();
 *   System.out.println(name + " " + tensor.dtype() + Arrays.toString(tensor.shape()));
 * }
 * }
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class Safetensors implements TensorSource {
  private static final int LENGTH_BYTES = Long.BYTES;

  /** The format's own bound, against files that are something else. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** Dimensions of a tensor at most. */
  private static final int MAX_RANK = 8;

  private record Entry(Dtype dtype, long[] shape, long offset, long length) {
    /** Tensors of no numbers before the one that begins where they do. */
    static final Comparator<Entry> IN_THE_FILE =
        Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::length);
  }

  private final Path file;
  private final Map<String, Entry> entries;

  private Safetensors(Path file, Map<String, Entry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * Reads and checks a file's header: as the reference does, that the tensors lie one behind the
   * other and are all that the file holds, so that none takes more memory than there are bytes.
   *
   * @throws IOException when the file is missing, truncated or no safetensors file
   */
  public static Safetensors open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      GitLfs.refusePointer(file, channel);
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw corrupt(file, "it has " + size + " bytes, no header fits");
      }
      long header = readLength(channel);
      if (header <= 0 || header > MAX_HEADER_BYTES) {
        throw corrupt(file, "its header claims " + header + " bytes");
      }
      long start = LENGTH_BYTES + header;
      if (start > size) {
        throw corrupt(
            file, "it ends at byte " + size + ", inside its header of " + header + " bytes");
      }
      return new Safetensors(file, parse(file, header(file, channel, header), start, size));
    } catch (NoSuchFileException e) {
      throw new ModelFileException(JsonText.nameOf(file) + " is missing", e);
    }
  }

  private static long readLength(FileChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (length.hasRemaining() && channel.read(length) >= 0) {}
    return length.flip().getLong();
  }

  private static JsonFile header(Path file, FileChannel channel, long length) throws IOException {
    JsonElement json;
    try {
      json = JsonText.read(file, channel, length);
    } catch (IOException e) {
      throw corrupt(file, "its header is damaged: " + e.getMessage());
    }
    if (!json.isJsonObject()) {
      throw corrupt(file, "its header is damaged: it holds " + JsonText.kindOf(json));
    }
    return new JsonFile(file, json.getAsJsonObject());
  }

  private static Map<String, Entry> parse(Path file, JsonFile header, long start, long size)
      throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String name : header.object().keySet()) {
      if (!name.equals("__metadata__")) {
        entries.put(name, entry(file, name, header, start, size));
      }
    }
    long end = start;
    for (Entry entry : entries.values().stream().sorted(Entry.IN_THE_FILE).toList()) {
      if (entry.offset != end) {
        throw corrupt(file, "its header is damaged: tensors overlap or leave a gap at byte " + end);
      }
      end += entry.length;
    }
    if (end != size) {
      throw corrupt(file, "its header is damaged: tensors end at byte " + end + " of " + size);
    }
    return entries;
  }

  private static Entry entry(Path file, String name, JsonFile header, long start, long size)
      throws IOException {
    String shown = ModelException.brief(name);
    String type;
    long[] shape;
    long[] offsets;
    try {
      JsonFile tensor = header.requireObject(name);
      type = tensor.requireString("dtype");
      shape = numbers(tensor.object().get("shape"), MAX_RANK);
      offsets = numbers(tensor.object().get("data_offsets"), 2);
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt(file, "its header is damaged at " + shown);
    }
    Dtype dtype =
        Dtype.parse(type)
            .orElseThrow(
                () ->
                    corrupt(
                        file,
                        "tensor %s has the unsupported type %s"
                            .formatted(shown, ModelException.brief(type))));
    if (offsets.length != 2 || offsets[1] < offsets[0]) {
      throw corrupt(file, "its header is damaged at " + shown);
    }
    long length = offsets[1] - offsets[0];
    if (!StoredTensor.takes(dtype, shape, length)) {
      throw corrupt(file, "the size of tensor " + shown + " does not match its shape");
    }
    if (offsets[1] > size - start) {
      throw corrupt(
          file, "it is truncated: tensor " + shown + " ends after the file's " + size + " bytes");
    }
    if (length > Integer.MAX_VALUE) {
      throw corrupt(file, "tensor " + shown + " has " + length + " bytes, one may have 2 GB");
    }
    return new Entry(dtype, shape, start + offsets[0], length);
  }

  /** A list of sizes: whole numbers from 0 on, none rounded and none too large. */
  private static long[] numbers(JsonElement list, int most) {
    if (list == null || !list.isJsonArray() || list.getAsJsonArray().size() > most) {
      throw new IllegalArgumentException("no list of at most " + most + " numbers");
    }
    long[] numbers = new long[list.getAsJsonArray().size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonElement number = list.getAsJsonArray().get(i);
      if (!number.isJsonPrimitive() || !number.getAsJsonPrimitive().isNumber()) {
        throw new IllegalArgumentException("no number");
      }
      numbers[i] = Long.parseLong(number.getAsString());
      if (numbers[i] < 0) {
        throw new IllegalArgumentException("a negative number");
      }
    }
    return numbers;
  }

  private static IOException corrupt(Path file, String problem) {
    return new ModelFileException(
        JsonText.nameOf(file) + " is no usable safetensors file: " + problem);
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
    return Optional.ofNullable(entries.get(name))
        .map(entry -> new StoredTensor(name, entry.dtype, entry.shape, new InFile(file, entry)));
  }

  /** The bytes of one entry. */
  private static final class InFile implements StoredTensor.Content {
    private final Path file;
    private final Entry entry;
    private ByteBuffer mapped;

    InFile(Path file, Entry entry) {
      this.file = file;
      this.entry = entry;
    }

    @Override
    public Object place() {
      return List.of(file.toAbsolutePath().normalize(), entry.offset, entry.length);
    }

    @Override
    public synchronized ByteBuffer view() throws IOException {
      if (mapped == null) {
        try (FileChannel channel = FileChannel.open(file)) {
          mapped = channel.map(FileChannel.MapMode.READ_ONLY, entry.offset, entry.length);
        }
      }
      return mapped.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(long from, ByteBuffer into) throws IOException {
      try (FileChannel channel = FileChannel.open(file)) {
        long at = entry.offset + from;
        while (into.hasRemaining()) {
          int read = channel.read(into, at);
          if (read < 0) {
            throw corrupt(file, "it has become shorter while it was read");
          }
          at += read;
        }
      }
    }
  }
}
