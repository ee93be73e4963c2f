package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.encoders.folder.JsonFile;

/**
 * Texts that would end the process or take a minute, were they handed to the library whole. The
 * right tokens are those of the same text of a fraction of the length.
 */
@Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD) // native code is not interrupted
class LongTextTest {
  /** Of a run; 12 million with {@code -Dsemlux.long-texts=12000000}, within a minute. */
  private static final int CHARACTERS = Integer.getInteger("semlux.long-texts", 2_000_000);

  static Stream<Arguments> tokenizers() throws IOException {
    return TextFuzzTest.tokenizers();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenizers")
  void longRunsAreReadAsShorterOnes(String name, JsonObject json) throws IOException {
    try (FastTokenizer tokenizer =
        FastTokenizer.load(
            new JsonFile(Path.of("tokenizer.json"), json), FastTokenizer.Options.of(64))) {
      for (String one :
          new String[] {" ", "a", "\u0301", "\n", "\u200b", "\ud83d\udeb2", "<mask>"}) {
        int times = (one.length() > 2 ? CHARACTERS / 10 : CHARACTERS) / one.length();
        String run = one.repeat(times);
        String shorter = one.repeat(times / 100);
        assertThat(tokenizer.tokenize(run + "x rain").ids())
            .as("%s of %s", name, one)
            .containsExactly(tokenizer.tokenize(shorter + "x rain").ids());
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenizers")
  void ofBase64OnlyTheBeginningIsRead(String name, JsonObject json) throws IOException {
    byte[] bytes = new byte[3 << 20];
    new Random(1).nextBytes(bytes);
    String text = Base64.getEncoder().encodeToString(bytes);
    try (FastTokenizer tokenizer =
        FastTokenizer.load(
            new JsonFile(Path.of("tokenizer.json"), json), FastTokenizer.Options.of(64))) {
      long start = System.nanoTime();
      int[] ids = tokenizer.tokenize(text).ids();
      boolean oneWord = name.equals("WordPiece, WhitespaceSplit"); // is read to its end
      assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(oneWord ? 10 : 1);
      assertThat(ids).as(name).containsExactly(tokenizer.tokenize(text.substring(0, 99_999)).ids());
      assertThat(Arrays.stream(ids).distinct().count()).isGreaterThan(oneWord ? 1 : 2);
    }
  }
}
