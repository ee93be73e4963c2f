package org.semlux.encoders.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.Torch;

/**
 * Made texts through every kind of tokenizer: what is read in pieces must be what the library makes
 * of the whole text, and no piece may take long. By hand: {@code tests/fuzz/texts.sh}.
 */
final class TextFuzz {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Tokens of a text, by a side of its own. */
  private static final InputType SIDE = InputType.QUERY;

  private final Random random;
  private final MadeTexts texts;
  private final List<String> differences = new ArrayList<>();
  private long slowest;
  private String slowestText = "";

  TextFuzz(long seed) {
    random = new Random(seed);
    texts = new MadeTexts(random);
  }

  /** What differed. */
  List<String> differences() {
    return differences;
  }

  /** What the slowest piece took, in milliseconds of its thread's own time. */
  double slowestMillis() {
    return slowest / 1e6;
  }

  /** Reads made texts whole and in pieces, half of them from their ends. */
  TextFuzz run(JsonObject json, int count, int longest) throws IOException {
    try (NativeTokenizer whole = whole(json)) {
      for (boolean keepsEnd : new boolean[] {false, true}) {
        try (FastTokenizer pieces = pieces(json, keepsEnd)) {
          for (int i = keepsEnd ? 1 : 0; i < count; i += 2) {
            compare(whole, pieces, texts.next(longest), 1 << (2 + random.nextInt(8)));
          }
        }
      }
    }
    return this;
  }

  /** Reads texts for a few and for many of their tokens. */
  TextFuzz run(JsonObject json, List<String> given) throws IOException {
    try (NativeTokenizer whole = whole(json);
        FastTokenizer pieces = pieces(json, false)) {
      for (String text : given) {
        for (int most : new int[] {4, 500}) {
          compare(whole, pieces, text, most);
        }
      }
    }
    return this;
  }

  private static NativeTokenizer whole(JsonObject json) {
    Torch.start();
    JsonObject plain = json.deepCopy();
    plain.add("truncation", null);
    plain.add("padding", null);
    return new NativeTokenizer(plain.toString());
  }

  /** Without special tokens. */
  private static FastTokenizer pieces(JsonObject json, boolean keepsEnd) throws IOException {
    return FastTokenizer.load(
        new JsonFile(Path.of("tokenizer.json"), json),
        new FastTokenizer.Options(512, false, true, keepsEnd, Integer.MAX_VALUE));
  }

  private void compare(NativeTokenizer whole, FastTokenizer pieces, String text, int most) {
    pieces.setMaxTokens(SIDE, most);
    Reading<Tokens> reading = pieces.of(Optional.of(SIDE)).reading(text);
    Optional<Tokens> found = Optional.empty();
    while (found.isEmpty()) {
      long start = THREADS.getCurrentThreadCpuTime();
      found = reading.get();
      long time = THREADS.getCurrentThreadCpuTime() - start;
      if (time > slowest) {
        slowest = time;
        slowestText = text;
      }
    }
    int[] expected = pieces.cut(whole.ids(text), most);
    if (!Arrays.equals(expected, found.get().ids())) {
      differences.add(difference(text, most, expected, found.get().ids()));
    }
  }

  private static String difference(String text, int most, int[] expected, int[] found) {
    int at = Arrays.mismatch(expected, found);
    return "%s characters, %s tokens, differ at %s, %s and %s, %s and %s: %s"
        .formatted(
            text.length(),
            most,
            at,
            expected.length,
            found.length,
            Arrays.toString(Arrays.copyOf(expected, 9)),
            Arrays.toString(Arrays.copyOf(found, 9)),
            described(text, 400));
  }

  /** A text as its runs. */
  private static String described(String text, int longest) {
    StringBuilder description = new StringBuilder();
    for (int at = 0; at < text.length() && description.length() < longest; ) {
      int codePoint = text.codePointAt(at);
      int count = 0;
      while (at < text.length() && text.codePointAt(at) == codePoint) {
        at += Character.charCount(codePoint);
        count++;
      }
      description.append(Integer.toHexString(codePoint));
      description.append(count > 1 ? "*" + count : "").append(' ');
    }
    return description.toString();
  }

  /**
   * Reads made texts until a number is reached, several tokenizers at once.
   *
   * @param arguments how many texts, of how many characters at most, the first seed, and folders
   *     with more tokenizers
   */
  public static void main(String[] arguments) throws IOException {
    int texts = Integer.parseInt(arguments[0]);
    int longest = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    Map<String, JsonObject> tokenizers = FuzzedTokenizers.all();
    for (String folder : Arrays.copyOfRange(arguments, 3, arguments.length)) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        for (Path file : files.filter(f -> f.endsWith("tokenizer.json")).sorted().toList()) {
          tokenizers.put(file.getParent().toString(), JsonFile.read(file).object());
        }
      }
    }
    List<String> names = List.copyOf(tokenizers.keySet());
    int share = texts / names.size();
    int differing =
        IntStream.range(0, names.size())
            .parallel()
            .map(
                i ->
                    differing(names.get(i), tokenizers.get(names.get(i)), seed + i, share, longest))
            .sum();
    System.exit(differing == 0 ? 0 : 1);
  }

  private static int differing(String name, JsonObject json, long seed, int texts, int longest) {
    TextFuzz fuzz = new TextFuzz(seed);
    try {
      fuzz.run(json, texts, longest);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
    StringBuilder lines = new StringBuilder();
    fuzz.differences.stream()
        .limit(5)
        .forEach(line -> lines.append("  ").append(line).append('\n'));
    System.out.printf(
        Locale.ROOT,
        "%-30s %,d texts, the slowest piece %.1f ms: %s; %d differ%n%s",
        name,
        texts,
        fuzz.slowestMillis(),
        described(fuzz.slowestText, 60),
        fuzz.differences.size(),
        lines);
    return fuzz.differences.size();
  }
}
