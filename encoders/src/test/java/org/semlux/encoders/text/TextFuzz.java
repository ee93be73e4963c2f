package org.semlux.encoders.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.Torch;

/**
 * Made texts through every kind of tokenizer and pre-tokenizer: what is read in pieces must be what
 * the library makes of the whole text, and no piece may take long. By hand: {@code
 * tests/fuzz/texts.sh}.
 */
final class TextFuzz {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String ENDINGS =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA_3 =
      CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + ENDINGS;
  private static final String QWEN =
      CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + ENDINGS;
  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + CONTRACTIONS
          + "?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + CONTRACTIONS
          + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final List<String> KINDS =
      List.of(
          " ",
          "a",
          "A",
          "7",
          ".",
          "-",
          "'",
          "\n",
          "\r\n",
          "\t",
          "\u00a0",
          "\u3000",
          "\u0301",
          "\u0323",
          "\u200b",
          "\u200d",
          "\u00ad",
          "\u4e2d",
          "\uac00",
          "\u0e01",
          "\ud83d\udeb2",
          "\ud83d\ude00",
          "\ud83c\udde9",
          "\ufdfa",
          "\u2581",
          "\u0120",
          "\u0000",
          "[",
          "<",
          "\u1234");
  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final List<String> WORDS =
      List.of(
          "the",
          "rain",
          "in",
          "Spain",
          "don't",
          "it's",
          "été",
          "42",
          "3.14",
          "(e.g.)",
          "слово",
          "東京",
          "x",
          "[MASK]",
          "<mask>",
          "</s>",
          "un-der",
          "e\u0301",
          "I'LL",
          "\ud83d\ude00");

  private final Random random;

  TextFuzz(long seed) {
    random = new Random(seed);
  }

  /** Tokenizers by a name that says what they are. */
  static Map<String, JsonObject> tokenizers() throws IOException {
    Map<String, JsonObject> all = new LinkedHashMap<>();
    JsonObject bert = golden("dense-bert-mean-normalize");
    JsonObject bytes = golden("dense-roberta-mean");
    JsonObject unigram = golden("dense-xlm-roberta-mean");
    all.put("WordPiece, Bert", bert);
    for (String type : List.of("Whitespace", "WhitespaceSplit", "Punctuation")) {
      String more = type.equals("Punctuation") ? ",\"behavior\":\"Isolated\"" : "";
      all.put("WordPiece, " + type, with(bert, "{\"type\":\"" + type + "\"" + more + "}"));
    }
    all.put("WordPiece without normalizer", normalized(bert, "null"));
    all.put("BPE, GPT-2", bytes);
    all.put("BPE, GPT-2 with a space before", with(bytes, byteLevel(true, true)));
    all.put("BPE, ModernBERT", golden("dense-modernbert-mean"));
    for (String pattern : List.of(LLAMA_3, QWEN, O200K)) {
      String name = pattern.equals(LLAMA_3) ? "Llama 3" : pattern.equals(QWEN) ? "Qwen" : "o200k";
      String steps = sequence(split(pattern), byteLevel(false, false));
      all.put("BPE, " + name, with(bytes, steps));
    }
    all.put(
        "BPE, Qwen, NFC",
        normalized(
            with(bytes, sequence(split(QWEN), byteLevel(false, false))), "{\"type\":\"NFC\"}"));
    all.put("Unigram, Metaspace", unigram);
    for (String scheme : List.of("first", "never")) {
      all.put("Unigram, Metaspace " + scheme, with(unigram, metaspace(scheme)));
    }
    String split =
        sequence(JsonParser.parseString("{\"type\":\"WhitespaceSplit\"}"), metaspace("always"));
    all.put("Unigram, WhitespaceSplit", with(unigram, split));
    all.put(
        "Unigram, stripped",
        normalized(unigram, "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}"));
    return all;
  }

  private static JsonObject golden(String name) throws IOException {
    return JsonFile.read(GOLDENS.resolve(name).resolve("tokenizer.json")).object();
  }

  private static JsonObject with(JsonObject tokenizer, String preTokenizer) {
    JsonObject other = tokenizer.deepCopy();
    other.add("pre_tokenizer", JsonParser.parseString(preTokenizer));
    return other;
  }

  private static JsonObject normalized(JsonObject tokenizer, String normalizer) {
    JsonObject other = tokenizer.deepCopy();
    other.add("normalizer", JsonParser.parseString(normalizer));
    return other;
  }

  private static String byteLevel(boolean space, boolean regex) {
    return "{\"type\":\"ByteLevel\",\"trim_offsets\":true,\"add_prefix_space\":%s,\"use_regex\":%s}"
        .formatted(space, regex);
  }

  private static String metaspace(String scheme) {
    return "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"split\":true,\"prepend_scheme\":\"%s\"}"
        .formatted(scheme);
  }

  private static JsonObject split(String regex) {
    JsonObject pattern = new JsonObject();
    pattern.addProperty("Regex", regex);
    JsonObject split = new JsonObject();
    split.addProperty("type", "Split");
    split.add("pattern", pattern);
    split.addProperty("behavior", "Isolated");
    split.addProperty("invert", false);
    return split;
  }

  private static String sequence(JsonElement first, String second) {
    return "{\"type\":\"Sequence\",\"pretokenizers\":[" + first + "," + second + "]}";
  }

  /** Words and runs, some of them long, of at most about so many characters. */
  String text(int longest) {
    StringBuilder text = new StringBuilder();
    int parts = 1 + random.nextInt(12);
    for (int i = 0; i < parts && text.length() < longest; i++) {
      // Lengths of every order of magnitude are equally frequent.
      int length = (int) Math.exp(random.nextDouble() * Math.log(longest - text.length() + 1));
      part(text, random.nextInt(8), Math.max(1, length));
    }
    return text.toString();
  }

  private void part(StringBuilder text, int kind, int length) {
    int end = text.length() + length;
    String one = one(KINDS);
    String other = one(KINDS);
    while (text.length() < end) {
      switch (kind) {
        case 0, 1 -> text.append(one);
        case 2 -> text.append(random.nextInt(3) == 0 ? one : other);
        case 3 -> text.append(LETTERS.charAt(random.nextInt(62)));
        case 4 -> text.append(" \n\t\r \u00a0".charAt(random.nextInt(6)));
        case 5 -> text.append(random.nextBoolean() ? "\u0301" : "\u0323");
        case 6 -> text.append(one(KINDS));
        default -> text.append(one(WORDS)).append(random.nextInt(9) == 0 ? "\n" : " ");
      }
    }
  }

  private String one(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** What went wrong with some texts and how long the longest piece took. */
  record Outcome(List<String> differences, long slowestNanos) {}

  /** Reads made texts whole and in pieces, half of them from their ends. */
  Outcome run(JsonObject json, int texts, int longest) throws IOException {
    List<String> differences = new ArrayList<>();
    long slowest = 0;
    try (NativeTokenizer whole = whole(json)) {
      for (boolean keepsEnd : new boolean[] {false, true}) {
        try (FastTokenizer pieces = pieces(json, keepsEnd)) {
          for (int i = 0; i < texts / 2; i++) {
            String text = text(longest);
            slowest = Math.max(slowest, slowestPiece(pieces, text));
            compare(whole, pieces, text, 1 << (2 + random.nextInt(8)), differences);
          }
        }
      }
    }
    return new Outcome(differences, slowest);
  }

  /** What differs when texts are read for some of their tokens. */
  List<String> compare(JsonObject json, List<String> texts) throws IOException {
    List<String> differences = new ArrayList<>();
    try (NativeTokenizer whole = whole(json);
        FastTokenizer pieces = pieces(json, false)) {
      for (String text : texts) {
        for (int most : new int[] {4, 500}) {
          compare(whole, pieces, text, most, differences);
        }
      }
    }
    return differences;
  }

  private static NativeTokenizer whole(JsonObject json) {
    Torch.start();
    JsonObject plain = json.deepCopy();
    plain.add("truncation", null);
    plain.add("padding", null);
    return new NativeTokenizer(plain.toString());
  }

  private static FastTokenizer pieces(JsonObject json, boolean keepsEnd) throws IOException {
    return FastTokenizer.load(
        new JsonFile(Path.of("tokenizer.json"), json),
        new FastTokenizer.Options(512, true, true, keepsEnd, Integer.MAX_VALUE));
  }

  private static void compare(
      NativeTokenizer whole,
      FastTokenizer pieces,
      String text,
      int most,
      List<String> differences) {
    int[] expected = pieces.cut(whole.ids(text), most);
    int[] found = pieces.ids(text, most);
    if (!Arrays.equals(expected, found)) {
      differences.add(difference(text, most, expected, found));
    }
  }

  private static long slowestPiece(FastTokenizer tokenizer, String text) {
    Supplier<Optional<Tokens>> reading = tokenizer.reading(text);
    long slowest = 0;
    boolean done = false;
    while (!done) {
      long start = System.nanoTime();
      done = reading.get().isPresent();
      slowest = Math.max(slowest, System.nanoTime() - start);
    }
    return slowest;
  }

  private static String difference(String text, int most, int[] expected, int[] found) {
    int at = Arrays.mismatch(expected, found);
    return "%d characters, %d tokens, differ at %d, %d and %d, %s and %s: %s"
        .formatted(
            text.length(),
            most,
            at,
            expected.length,
            found.length,
            Arrays.toString(Arrays.copyOf(expected, 9)),
            Arrays.toString(Arrays.copyOf(found, 9)),
            described(text));
  }

  /** A text as its runs. */
  private static String described(String text) {
    StringBuilder description = new StringBuilder();
    for (int at = 0; at < text.length() && description.length() < 400; ) {
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
   * Reads made texts until a number is reached.
   *
   * @param arguments how many texts, of how many characters at most, the first seed, and folders
   *     with more tokenizers
   */
  public static void main(String[] arguments) throws IOException {
    int texts = Integer.parseInt(arguments[0]);
    int longest = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    Map<String, JsonObject> tokenizers = tokenizers();
    for (String folder : Arrays.copyOfRange(arguments, 3, arguments.length)) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        for (Path file : files.filter(f -> f.endsWith("tokenizer.json")).sorted().toList()) {
          tokenizers.put(file.getParent().toString(), JsonFile.read(file).object());
        }
      }
    }
    int differing = 0;
    for (Map.Entry<String, JsonObject> tokenizer : tokenizers.entrySet()) {
      int share = texts / tokenizers.size();
      Outcome outcome = new TextFuzz(seed++).run(tokenizer.getValue(), share, longest);
      differing += outcome.differences.size();
      System.out.printf(
          "%-40s %,d texts, slowest %.1f ms, %d differ%n",
          tokenizer.getKey(), share, outcome.slowestNanos / 1e6, outcome.differences.size());
      outcome.differences.stream().limit(5).forEach(line -> System.out.println("  " + line));
    }
    System.exit(differing == 0 ? 0 : 1);
  }
}
