package org.semlux.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Short names for long things, by SHA-256. */
public final class Digest {
  private Digest() {}

  /**
   * The same for the same texts in the same order only.
   *
   * @param digits of the answer, lower-case hexadecimal, at most 64
   */
  public static String of(List<String> texts, int digits) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(octets.length).array());
        sha256.update(octets);
      }
      return HexFormat.of().formatHex(sha256.digest()).substring(0, digits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
