package org.semlux.ingest;

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
    return Sha256.ofTexts(texts).substring(0, digits);
  }
}
