package org.semlux.encoders.folder;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * SHA-256 in lower-case hexadecimal digits.
 *
 * {@snippet lang=java :
 * Sha256.of(new byte[0]); // "e3b0c442…", 64 digits
 * Sha256.of(Path.of("model/config.json"), Path.of("model/tokenizer.json")); // of both, one by one
 * }
 */
public final class Sha256 {
  private static final int BUFFER = 1 << 16;

  private Sha256() {}

  /** One of its own: those that a server shares belong to whatever runs on a thread. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What a digest has come to; it begins anew. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** That of some bytes. */
  public static String of(byte[] bytes) {
    MessageDigest digest = newDigest();
    digest.update(bytes);
    return hex(digest);
  }

  /** That of the files' contents, one after the other. */
  public static String of(Path... files) throws IOException {
    MessageDigest digest = newDigest();
    for (Path file : files) {
      update(digest, file, bytes -> {});
    }
    return hex(digest);
  }

  /**
   * Adds a file's content to any digest.
   *
   * @param read is told how many bytes were read, a buffer at a time
   */
  public static void update(MessageDigest digest, Path file, LongConsumer read) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        read.accept(count);
      }
    }
  }
}
