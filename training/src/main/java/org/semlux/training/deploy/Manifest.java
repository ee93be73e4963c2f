package org.semlux.training.deploy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.Sha256;
import org.semlux.encoders.load.Calibration;
import org.semlux.training.folder.ModelFiles;

/**
 * What a model consists of. Its files, one after the other, are one run of bytes, which travels in
 * parts of {@value #PART_SIZE}: a part may end one file and begin the next.
 *
 * {@snippet lang=java :
 * Manifest manifest = Manifest.of(Path.of("model"), Precision.AUTO, hashed -> {});
 * manifest.version(); // 16 hexadecimal digits
 * manifest.part(manifest.parts() - 1); // the last bytes, 4 MiB at the most
 * }
 */
public final class Manifest {
  /** Bytes of every part but the last. */
  public static final int PART_SIZE = 4 << 20;

  private static final int VERSION_DIGITS = 16;

  /** One file, with its path relative to the model's folder. */
  private record Entry(Path file, String path, long size, String sha256) {
    boolean isOfWeights() {
      return ModelFiles.isOfWeights(path.substring(path.lastIndexOf('/') + 1));
    }
  }

  /** Nodes refuse by small settings what they would not load, so these travel first. */
  private static final Comparator<Entry> IN_ORDER =
      Comparator.comparing(Entry::isOfWeights)
          .thenComparing(Entry::size)
          .thenComparing(Entry::path);

  private final List<Entry> entries;
  private final Precision precision;
  private final long size;

  private Manifest(List<Entry> entries, Precision precision) {
    this.entries = entries;
    this.precision = precision;
    this.size = entries.stream().mapToLong(Entry::size).sum();
  }

  /**
   * Lists and hashes a model's files: settings before weights, the small ones first.
   *
   * @param precision what the nodes compute in
   * @param calibration a file that goes along as the model's {@code calibration.txt}
   * @param hashed is told bytes as they are hashed
   */
  public static Manifest of(
      Path folder, Precision precision, Optional<Path> calibration, LongConsumer hashed)
      throws IOException {
    Map<String, Path> files = new TreeMap<>();
    for (Path file : ModelFiles.of(folder)) {
      files.put(file.toString().replace('\\', '/'), folder.resolve(file));
    }
    calibration.ifPresent(file -> files.put(Calibration.FILE, file));
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      Path absolute = file.getValue();
      entries.add(
          new Entry(absolute, file.getKey(), Files.size(absolute), sha256(absolute, hashed)));
    }
    entries.sort(IN_ORDER);
    return new Manifest(entries, precision);
  }

  /** The same of what the folder holds alone. */
  public static Manifest of(Path folder, Precision precision, LongConsumer hashed)
      throws IOException {
    return of(folder, precision, Optional.empty(), hashed);
  }

  /** Bytes of all the model's files. */
  public static long size(Path folder) throws IOException {
    long size = 0;
    for (Path file : ModelFiles.of(folder)) {
      size += Files.size(folder.resolve(file));
    }
    return size;
  }

  private static String sha256(Path file, LongConsumer hashed) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    Sha256.update(digest, file, hashed);
    return Sha256.hex(digest);
  }

  /** Bytes of all files. */
  public long size() {
    return size;
  }

  /**
   * What the cluster tells these files from others by: the first 16 hexadecimal digits of the
   * SHA-256 of {@code path sha256} of each, in order, each behind its length in four bytes.
   */
  public String version() {
    List<String> lines =
        entries.stream().map(entry -> entry.path + " " + entry.sha256).sorted().toList();
    return Sha256.ofTexts(lines).substring(0, VERSION_DIGITS);
  }

  /** Whether the cluster says this of a model: its very files, with the same options. */
  boolean isOf(JsonObject model) {
    return model.has("version")
        && model.get("version").getAsString().equals(version())
        && options().equals(model.get("options"));
  }

  /** As the cluster tells them: without those that are left to it. */
  private JsonObject options() {
    JsonObject options = new JsonObject();
    options.addProperty("precision", precision.toString());
    return options;
  }

  /** How many files there are. */
  public int files() {
    return entries.size();
  }

  /** How many parts the files make. */
  public int parts() {
    return Math.toIntExact((size + PART_SIZE - 1) / PART_SIZE);
  }

  /**
   * The bytes of a part.
   *
   * @throws IOException when a file has become shorter since it was listed
   */
  public byte[] part(int number) throws IOException {
    long start = (long) number * PART_SIZE;
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(PART_SIZE, size - start));
    long fileStart = 0;
    for (Entry entry : entries) {
      long offset = start + part.position() - fileStart;
      if (part.hasRemaining() && offset < entry.size) {
        read(entry, offset, part);
      }
      fileStart += entry.size;
    }
    return part.array();
  }

  private static void read(Entry entry, long offset, ByteBuffer part) throws IOException {
    int end = (int) Math.min(part.capacity(), part.position() + entry.size - offset);
    try (FileChannel channel = FileChannel.open(entry.file)) {
      part.limit(end);
      for (long at = offset; part.hasRemaining(); ) {
        int read = channel.read(part, at);
        if (read < 0) {
          throw new IOException("[" + entry.file + "] has changed while it was read: deploy again");
        }
        at += read;
      }
      part.limit(part.capacity());
    }
  }

  /** The body of {@code PUT /_semlux/models/{id}}. */
  public String toJson() {
    JsonArray files = new JsonArray();
    for (Entry entry : entries) {
      JsonObject file = new JsonObject();
      file.addProperty("path", entry.path);
      file.addProperty("size", entry.size);
      file.addProperty("sha256", entry.sha256);
      files.add(file);
    }
    JsonObject manifest = new JsonObject();
    manifest.add("files", files);
    manifest.addProperty("part_size", PART_SIZE);
    manifest.add("options", options());
    return manifest.toString();
  }
}
