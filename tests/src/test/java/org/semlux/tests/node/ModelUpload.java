package org.semlux.tests.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.semlux.encoders.api.Precision;

/**
 * A model folder as the REST API takes it, unchecked, unlike the command line's.
 *
 * @param manifest the body of {@code PUT /_semlux/models/{id}}
 * @param parts of {@value #PART_SIZE} bytes unless asked otherwise, the last one shorter; owned by
 *     the caller
 */
public record ModelUpload(Map<String, Object> manifest, List<byte[]> parts) {
  private static final int PART_SIZE = 40_000;

  /** Reads a folder but for what tests expect of it; it answers in float32. */
  public static ModelUpload of(Path model) {
    return of(model, Precision.FLOAT32);
  }

  static ModelUpload of(Path model, Precision precision) {
    return of(model, precision, PART_SIZE);
  }

  static ModelUpload of(Path model, Precision precision, int partSize) {
    try (Stream<Path> walk = Files.walk(model)) {
      List<Path> files =
          walk.filter(Files::isRegularFile)
              .filter(file -> !file.endsWith("expected.json"))
              .sorted()
              .toList();
      List<Map<String, Object>> entries = new ArrayList<>();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (Path file : files) {
        byte[] content = Files.readAllBytes(file);
        bytes.write(content);
        entries.add(
            Map.of(
                "path", model.relativize(file).toString(),
                "size", content.length,
                "sha256", sha256(content)));
      }
      Map<String, Object> options = Map.of("precision", precision.toString());
      return new ModelUpload(
          Map.of("files", entries, "part_size", partSize, "options", options),
          cut(bytes.toByteArray(), partSize));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<byte[]> cut(byte[] bytes, int partSize) {
    List<byte[]> parts = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += partSize) {
      parts.add(Arrays.copyOfRange(bytes, from, Math.min(from + partSize, bytes.length)));
    }
    return parts;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Uploads it whole. */
  void send(Rest rest, String id) {
    String model = "/_semlux/models/" + id;
    rest.succeed("PUT", model, Rest.JSON.toJson(manifest));
    for (int part = 0; part < parts.size(); part++) {
      Rest.Answer answer = rest.call("PUT", model + "/parts/" + part, parts.get(part));
      if (answer.status() != 200) {
        throw new AssertionError("part " + part + " was answered " + answer);
      }
    }
  }
}
