package org.semlux.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class DigestTest {
  private static final int PART = 1 << 15;

  /** Marks of documents that were written before hold the digest of the whole text. */
  @Test
  void textsThatAreReadInPartsHaveTheDigestOfTheWhole()
      throws IOException, NoSuchAlgorithmException {
    for (String text :
        List.of(
            "",
            "é",
            "a".repeat(PART),
            "a".repeat(PART + 1),
            "é".repeat(3 * PART + 7),
            "a".repeat(PART - 1) + "\ud83d\ude00" + "b",
            "a".repeat(PART - 1) + "\ud83d",
            "a".repeat(PART - 1) + "\ud83d" + "b\ude00",
            "\ud83d\ude00".repeat(PART))) {
      assertThat(Digest.of(List.of("first", text), 64)).isEqualTo(whole("first", text));
    }
  }

  private static String whole(String... texts) throws IOException, NoSuchAlgorithmException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(all);
    for (String text : texts) {
      byte[] bytes = text.getBytes(UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all.toByteArray()));
  }
}
