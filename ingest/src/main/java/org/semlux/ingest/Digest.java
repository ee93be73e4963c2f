package org.semlux.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.semlux.encoders.folder.Sha256;

/** Short names for long things, by SHA-256. */
public final class Digest {
  /** Characters that are looked at at once. */
  private static final int PART = 1 << 15;

  private Digest() {}

  /**
   * The same for the same texts in the same order only.
   *
   * @param digits of the answer, lower-case hexadecimal, at most 64
   */
  public static String of(List<String> texts, int digits) {
    MessageDigest digest = Sha256.newDigest();
    for (String text : texts) {
      int length = 0;
      for (int at = 0; at < text.length(); at = end(text, at)) {
        length += bytes(text, at).length;
      }
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
      for (int at = 0; at < text.length(); at = end(text, at)) {
        digest.update(bytes(text, at));
      }
    }
    return Sha256.hex(digest).substring(0, digits);
  }

  /** A part of a text: a copy of megabytes would hold up a node's collector. */
  private static byte[] bytes(String text, int from) {
    return text.substring(from, end(text, from)).getBytes(StandardCharsets.UTF_8);
  }

  /** Where a part ends that begins at a place: between no halves of a surrogate pair. */
  private static int end(String text, int from) {
    int end = Math.min(text.length(), from + PART);
    boolean splits =
        end < text.length() && Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
    return splits ? end + 1 : end;
  }
}
