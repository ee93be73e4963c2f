package org.semlux.encoders.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
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

  /** Characters of a text that are looked at at once. */
  private static final int PART = 1 << 15;

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

  /** That of texts in their order: no others have it, whatever they are joined to. */
  public static String ofTexts(List<String> texts) {
    MessageDigest digest = newDigest();
    texts.forEach(text -> update(digest, text));
    return hex(digest);
  }

  /** Adds a text to any digest: the length of its UTF-8 in four bytes, then the UTF-8. */
  public static void update(MessageDigest digest, String text) {
    int length = 0;
    for (int at = 0; at < text.length(); at = end(text, at)) {
      length += bytes(text, at).length;
    }
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
    for (int at = 0; at < text.length(); at = end(text, at)) {
      digest.update(bytes(text, at));
    }
  }

  /** A part of a text: a copy of megabytes would hold up a node's collector. */
  private static byte[] bytes(String text, int from) {
    return text.substring(from, end(text, from)).getBytes(UTF_8);
  }

  /** Where a part ends that begins at a place: between no halves of a surrogate pair. */
  private static int end(String text, int from) {
    int end = Math.min(text.length(), from + PART);
    boolean splits =
        end < text.length() && Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
    return splits ? end + 1 : end;
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
