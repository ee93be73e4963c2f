package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/** Pairs against the truncation of the tokenizers library itself. */
class TextPairsTest {
  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;
  private static final int CLS = 1;
  private static final int SEP = 2;
  private static final String JSON =
      """
      {"model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab":
        {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "c": 5, "d": 6, "e": 7}},
       "added_tokens": [
        {"id": 0, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true}],
       "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                 {"Sequence": {"id": "B", "type_id": 1}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                           "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}}}
      """;

  private final Random random = new Random(11);

  private static FastTokenizer tokenizer(int maxTokens) throws IOException {
    JsonObject json = JsonParser.parseString(JSON).getAsJsonObject();
    return FastTokenizer.load(
        new JsonFile(Path.of("tokenizer.json"), json), FastTokenizer.Options.of(maxTokens));
  }

  /** Of which the end counts. */
  private static FastTokenizer fromTheEnd(int maxTokens) throws IOException {
    JsonObject json = JsonParser.parseString(JSON).getAsJsonObject();
    return FastTokenizer.load(
        new JsonFile(Path.of("tokenizer.json"), json),
        new FastTokenizer.Options(maxTokens, true, true, true, Integer.MAX_VALUE));
  }

  /** The library's tokenizer, which cuts by itself. */
  private static long oracle(int maxTokens) {
    return oracle(maxTokens, "Right");
  }

  private static long oracle(int maxTokens, String direction) {
    JsonObject json = JsonParser.parseString(JSON).getAsJsonObject();
    JsonObject truncation = new JsonObject();
    truncation.addProperty("direction", direction);
    truncation.addProperty("max_length", maxTokens);
    truncation.addProperty("strategy", "LongestFirst");
    truncation.addProperty("stride", 0);
    json.add("truncation", truncation);
    return LIBRARY.createTokenizerFromString(json.toString());
  }

  private String words(int count) {
    return random
        .ints(count, 0, 5)
        .mapToObj(i -> "abcde".substring(i, i + 1))
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 12, 13, 32})
  void longestFirstCutsAsTheLibraryDoes(int maxTokens) throws IOException {
    try (FastTokenizer tokenizer = tokenizer(maxTokens)) {
      long oracle = oracle(maxTokens);
      TextPairs pairs = TextPairs.of("test", tokenizer);
      for (int round = 0; round < 400; round++) {
        String first = words(random.nextInt(2 * maxTokens));
        String second = words(random.nextInt(2 * maxTokens));
        assertCutAsByTheLibrary(pairs, oracle, first, second);
      }
      LIBRARY.deleteTokenizer(oracle);
    }
  }

  /** The odd token is the text's with more tokens in all, however many, not more characters. */
  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void allTokensOfLongTextsCount(int maxTokens) throws IOException {
    try (FastTokenizer tokenizer = tokenizer(maxTokens)) {
      long oracle = oracle(maxTokens);
      TextPairs pairs = TextPairs.of("test", tokenizer);
      for (int count : new int[] {maxTokens, 10 * maxTokens}) {
        String letters = "a b ".repeat(count);
        for (int other : new int[] {-1, 0, 1}) {
          String words = "someunknownword ".repeat(2 * count + other);
          assertCutAsByTheLibrary(pairs, oracle, letters, words);
          assertCutAsByTheLibrary(pairs, oracle, words, letters);
        }
      }
      LIBRARY.deleteTokenizer(oracle);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 12, 13, 32})
  void beginningsAreCutOffAsByTheLibrary(int maxTokens) throws IOException {
    try (FastTokenizer tokenizer = fromTheEnd(maxTokens)) {
      long oracle = oracle(maxTokens, "Left");
      TextPairs pairs = TextPairs.of("test", tokenizer);
      for (int round = 0; round < 200; round++) {
        String first = words(random.nextInt(2 * maxTokens));
        String second = words(random.nextInt(2 * maxTokens));
        assertCutAsByTheLibrary(pairs, oracle, first, second);
      }
      LIBRARY.deleteTokenizer(oracle);
    }
  }

  /**
   * Two texts of some hundred thousand characters: no call reads more than a piece. The library is
   * not asked: it makes a pair of each two parts that it cuts off. Of 31 tokens the longer text
   * gets 16.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void longPairsAreReadInPieces(boolean fromTheEnd) throws IOException {
    try (FastTokenizer tokenizer = fromTheEnd ? fromTheEnd(34) : tokenizer(34)) {
      String first = words(120_000);
      String second = words(120_001);
      Reading<Tokens> reading = TextPairs.of("test", tokenizer).reading(first, second);
      int pieces = 1;
      Optional<Tokens> tokens = reading.get();
      while (tokens.isEmpty()) {
        pieces++;
        tokens = reading.get();
      }
      assertThat(pieces).isGreaterThan((first.length() + second.length()) / PieceReader.LONGEST);
      String a = fromTheEnd ? first.substring(first.length() - 29) : first.substring(0, 29);
      String b = fromTheEnd ? second.substring(second.length() - 31) : second.substring(0, 31);
      IntStream expected = IntStream.concat(IntStream.of(CLS), idsOf(a));
      expected = IntStream.concat(expected, IntStream.of(SEP));
      expected = IntStream.concat(expected, idsOf(b));
      expected = IntStream.concat(expected, IntStream.of(SEP));
      assertThat(tokens.get().ids()).isEqualTo(expected.toArray());
    }
  }

  private static IntStream idsOf(String words) {
    return words.chars().filter(c -> c != ' ').map(c -> c - 'a' + 3);
  }

  /** Behind a prompt that fills a pair all queries would score alike. */
  @Test
  void aPromptLeavesRoomForBothTexts() throws IOException {
    TextPairs pairs = TextPairs.of("test", tokenizer(8));
    assertThat(pairs.behind("a b c ").tokenize("d e", "e").ids())
        .containsExactly(CLS, 3, 4, 5, 6, SEP, 7, SEP);
    assertThatThrownBy(() -> pairs.behind("a b c d "))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "model [test]: its prompt [a b c d ] leaves no room for a pair of texts in its 8 tokens");
    assertThat(TextPairs.of("test", fromTheEnd(8)).behind("a b c d ").tokenize("e", "e").ids())
        .containsExactly(CLS, 4, 5, 6, 7, SEP, 7, SEP);
  }

  @Test
  void tokenizersThatMakeNoPairsAreRefused() throws IOException {
    JsonObject json = JsonParser.parseString(JSON).getAsJsonObject();
    try (Tokenizer bare =
        FastTokenizer.load(
            new JsonFile(Path.of("tokenizer.json"), json),
            new FastTokenizer.Options(32, false, false, false, Integer.MAX_VALUE))) {
      assertThatThrownBy(() -> TextPairs.of("test", bare))
          .isInstanceOf(ModelException.class)
          .hasMessage("model [test]: its tokenizer does not make one sequence of two texts");
    }
  }

  private static void assertCutAsByTheLibrary(
      TextPairs pairs, long oracle, String first, String second) {
    Tokens tokens = pairs.tokenize(first, second);
    long expected = LIBRARY.encodeDual(oracle, first, second, true);
    try {
      assertThat(toLongs(tokens.ids()))
          .as("%s | %s", first, second)
          .isEqualTo(LIBRARY.getTokenIds(expected));
      assertThat(toLongs(tokens.types())).isEqualTo(LIBRARY.getTypeIds(expected));
    } finally {
      LIBRARY.deleteEncoding(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 12, 32})
  void singleTextsAreCutAsTheLibraryDoes(int maxTokens) throws IOException {
    try (FastTokenizer tokenizer = tokenizer(maxTokens)) {
      long oracle = oracle(maxTokens);
      for (int count = 0; count < 2 * maxTokens; count++) {
        String text = words(count);
        long expected = LIBRARY.encode(oracle, text, true);
        try {
          assertThat(toLongs(tokenizer.tokenize(text).ids()))
              .isEqualTo(LIBRARY.getTokenIds(expected));
        } finally {
          LIBRARY.deleteEncoding(expected);
        }
      }
      LIBRARY.deleteTokenizer(oracle);
    }
  }

  private static long[] toLongs(int[] ints) {
    return Arrays.stream(ints).asLongStream().toArray();
  }

  @Test
  void windowsCoverTheTextAndOverlap() throws IOException {
    try (FastTokenizer tokenizer = tokenizer(23)) {
      TextPairs pairs = TextPairs.of("test", tokenizer);
      int width = 23 - 3 - 4;
      for (int length = 0; length < 200; length++) {
        String text = words(length);
        int[] ids = tokenizer.ids(text, length);
        List<Tokens> windows = pairs.windows("a b c d", text);
        boolean[] seen = new boolean[length];
        for (Tokens window : windows) {
          assertThat(Arrays.copyOf(window.ids(), 6)).containsExactly(CLS, 3, 4, 5, 6, SEP);
          int[] part = Arrays.copyOfRange(window.ids(), 6, window.length() - 1);
          assertThat(part).hasSize(Math.min(width, length));
          assertThat(window.ids()[window.length() - 1]).isEqualTo(SEP);
          assertThat(window.types()[6]).isEqualTo(1);
          assertThat(tokenizer.ids(window.span().of(text), width)).isEqualTo(part);
          assertThat(window.span().isWhole()).isEqualTo(windows.size() == 1);
          // Where the text repeats itself a window may fit in several places.
          IntStream.rangeClosed(0, length - part.length)
              .filter(at -> Arrays.equals(part, Arrays.copyOfRange(ids, at, at + part.length)))
              .forEach(at -> Arrays.fill(seen, at, at + part.length, true));
        }
        assertThat(seen).doesNotContain(false);
        int steps = (int) Math.ceil(Math.max(0, length - width) / (double) (width - width / 4));
        assertThat(windows).hasSize(1 + steps);
      }
    }
  }

  @Test
  void aLongQueryLeavesRoomForTheText() throws IOException {
    try (FastTokenizer tokenizer = tokenizer(23)) {
      TextPairs pairs = TextPairs.of("test", tokenizer);
      for (Tokens window : pairs.windows(words(100), words(30))) {
        assertThat(window.length()).isEqualTo(23);
        assertThat(Arrays.stream(window.types()).filter(type -> type == 1).count()).isEqualTo(6);
      }
      Tokens fits = pairs.windows(words(100), "e e").get(0);
      assertThat(fits.ids()).endsWith(SEP, 7, 7, SEP).hasSize(23);
    }
  }

  @Test
  void aHugeTextHasABoundedNumberOfWindows() throws IOException {
    try (FastTokenizer tokenizer = tokenizer(23)) {
      List<Tokens> windows =
          TextPairs.of("test", tokenizer).windows("a", "b c d e ".repeat(250_000));
      assertThat(windows).hasSize(TextPairs.MAX_WINDOWS);
      assertThat(windows).allMatch(window -> window.length() == 23);
    }
  }

  @Test
  void noRoomForAPair() throws IOException {
    try (FastTokenizer tokenizer = tokenizer(4)) {
      assertThatThrownBy(() -> TextPairs.of("test", tokenizer))
          .isInstanceOf(ModelException.class)
          .hasMessage("model [test]: its 4 tokens leave no room for a pair of texts");
    }
  }
}
