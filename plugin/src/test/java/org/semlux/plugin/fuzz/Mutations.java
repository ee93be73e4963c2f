package org.semlux.plugin.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Inputs made of others: bytes changed, left out and doubled, JSON's values exchanged. */
final class Mutations {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "[]",
          "{}",
          "\"\"",
          "\"x\"",
          "0",
          "-1",
          "0.5",
          "1e999",
          "NaN",
          "2147483647",
          "2147483648",
          "-2147483649",
          "4294967328",
          "9223372036854775807",
          "9223372036854775808",
          "1e999999999",
          "\"../../x\"",
          "\"/etc/passwd\"",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "[[[[[[[[[[]]]]]]]]]]",
          "{\"\":{\"\":{}}}");

  /** A JSON value that holds no other. */
  private static final Pattern VALUE =
      Pattern.compile("(?<=[:\\[,])\\s*(\"[^\"]{0,80}\"|[-0-9.e]+|true|false|null)");

  private final Random random;

  Mutations(long seed) {
    random = new Random(seed);
  }

  /** A seed, changed in one to four places; it stays what its first byte says. */
  byte[] next(List<byte[]> seeds) {
    byte[] seed = seeds.get(random.nextInt(seeds.size()));
    byte[] content = Arrays.copyOfRange(seed, 1, seed.length);
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      content = content.length == 0 || random.nextBoolean() ? value(content) : bytes(content);
    }
    byte[] input = new byte[content.length + 1];
    input[0] = seed[0];
    System.arraycopy(content, 0, input, 1, content.length);
    return input;
  }

  private byte[] value(byte[] content) {
    String text = new String(content, ISO_8859_1);
    List<MatchResult> values = VALUE.matcher(text).results().limit(2_000).toList();
    if (values.isEmpty()) {
      return bytes(content);
    }
    MatchResult at = values.get(random.nextInt(values.size()));
    String other = VALUES.get(random.nextInt(VALUES.size()));
    return (text.substring(0, at.start()) + other + text.substring(at.end())).getBytes(ISO_8859_1);
  }

  private byte[] bytes(byte[] content) {
    if (content.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    // Most of a file is its weights: what is wrong at the beginning goes further.
    int bound = random.nextBoolean() ? content.length : Math.min(content.length, 2_000);
    int at = random.nextInt(bound);
    int length = Math.min(content.length - at, 1 + random.nextInt(64));
    return switch (random.nextInt(4)) {
      case 0 -> {
        byte[] changed = content.clone();
        changed[at] = (byte) random.nextInt();
        yield changed;
      }
      case 1 -> joined(content, at, at + length); // left out
      case 2 -> joined(content, at + length, at); // doubled
      default -> Arrays.copyOf(content, at); // cut off
    };
  }

  private static byte[] joined(byte[] content, int end, int from) {
    byte[] joined = Arrays.copyOf(content, end + content.length - from);
    System.arraycopy(content, from, joined, end, content.length - from);
    return joined;
  }
}
