package org.semlux.training.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/**
 * Writes safetensors files as the reference library does: widest numbers first and then by name,
 * the header filled up to a multiple of eight bytes, and what metadata PyTorch's loaders ask for.
 *
 * {@snippet lang=java :
 * Safetensors source = Safetensors.open(Path.of("model/model.safetensors"));
 * SafetensorsWriter.write(
 *     Path.of("copy.safetensors"), source.names(), source, bytes -> System.out.println(bytes));
 * }
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

  /** The order in which the reference lays formats out. */
  private static final List<Dtype> ORDER =
      List.of(
          Dtype.I64,
          Dtype.F64,
          Dtype.F32,
          Dtype.I32,
          Dtype.BF16,
          Dtype.F16,
          Dtype.I16,
          Dtype.I8,
          Dtype.U8,
          Dtype.BOOL);

  private record Entry(String name, Dtype dtype, long[] shape, long length) {}

  private SafetensorsWriter() {}

  /**
   * Writes tensors in the formats that they have. Each is fetched twice, for the header and for its
   * numbers, and none is kept, so that memory holds one at a time. The file is whole or not there.
   *
   * @param names which of the source's tensors
   * @param progress told after each tensor how many bytes it had
   * @throws IOException when the source lacks a tensor, or a file cannot be read or written
   */
  public static void write(
      Path file, Collection<String> names, TensorSource source, LongConsumer progress)
      throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try {
      try (FileChannel channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        List<Entry> entries = entries(names, source);
        writeAll(channel, header(entries));
        for (Entry entry : entries) {
          writeAll(channel, find(source, entry.name).data());
          progress.accept(entry.length);
        }
        channel.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static List<Entry> entries(Collection<String> names, TensorSource source)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String name : names) {
      StoredTensor tensor = find(source, name);
      entries.add(new Entry(name, tensor.dtype(), tensor.shape(), tensor.data().remaining()));
    }
    entries.sort(
        Comparator.comparingInt((Entry entry) -> ORDER.indexOf(entry.dtype))
            .thenComparing(Entry::name));
    return entries;
  }

  private static StoredTensor find(TensorSource source, String name) throws IOException {
    return source.find(name).orElseThrow(() -> new IOException("there is no tensor " + name));
  }

  private static ByteBuffer header(List<Entry> entries) {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("format", "pt");
    JsonObject header = new JsonObject();
    header.add("__metadata__", metadata);
    long offset = 0;
    for (Entry entry : entries) {
      JsonObject tensor = new JsonObject();
      tensor.addProperty("dtype", entry.dtype.name());
      tensor.add("shape", array(entry.shape));
      tensor.add("data_offsets", array(offset, offset + entry.length));
      header.add(entry.name, tensor);
      offset += entry.length;
    }
    byte[] json = JSON.toJson(header).getBytes(UTF_8);
    int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static JsonArray array(long... numbers) {
    JsonArray array = new JsonArray();
    for (long number : numbers) {
      array.add(number);
    }
    return array;
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
