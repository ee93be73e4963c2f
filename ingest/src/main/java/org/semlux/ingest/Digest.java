package org.semlux.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.semlux.encoders.folder.Sha256;

/** Short names for long things, by SHA-256. */
public final class Digest {
  private Digest() {}

  /**
   * The same for the same texts in the same order only.
   *
   * @param digits of the answer, lower-case hexadecimal, at most 64
   */
  public static String of(List<String> texts, int digits) {
    MessageDigest digest = Sha256.newDigest();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      digest.update(bytes);
    }
    return Sha256.hex(digest).substring(0, digits);
  }
}
