package org.semlux.tests.story;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model folder as the stories upload it: {@code $manifest}, and {@code $part_0}, {@code $part_1},
 * … of {@value #PART_SIZE} octets.
 */
final class UploadFixture {
  private static final int PART_SIZE = 40_000;

  private UploadFixture() {}

  static Map<String, Object> of(Path model) {
    try (Stream<Path> walk = Files.walk(model)) {
      List<Path> files =
          walk.filter(Files::isRegularFile)
              .filter(file -> !file.endsWith("expected.json"))
              .sorted()
              .toList();
      List<Map<String, Object>> entries = new ArrayList<>();
      ByteArrayOutputStream octets = new ByteArrayOutputStream();
      for (Path file : files) {
        byte[] content = Files.readAllBytes(file);
        octets.write(content);
        entries.add(
            Map.of(
                "path", model.relativize(file).toString(),
                "size", content.length,
                "sha256", sha256(content)));
      }
      return stash(entries, octets.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> stash(List<Map<String, Object>> files, byte[] octets) {
    Map<String, Object> stash = new LinkedHashMap<>();
    stash.put(
        "manifest",
        Map.of("files", files, "part_size", PART_SIZE, "options", Map.of("precision", "float32")));
    for (int part = 0; part * PART_SIZE < octets.length; part++) {
      int end = Math.min((part + 1) * PART_SIZE, octets.length);
      stash.put("part_" + part, Arrays.copyOfRange(octets, part * PART_SIZE, end));
    }
    return stash;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
