package org.semlux.ingest.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.ingest.chunk.Chunking.Strategy;

/** What holds for every text, on random ones; and examples that say what is meant. */
@Execution(ExecutionMode.CONCURRENT)
class ChunkerTest {
  private static final Path MODELS = Path.of("../tests/src/test/resources/goldens");
  private static final List<String> MODEL_NAMES =
      List.of("dense-bert-mean-normalize", "dense-roberta-mean", "dense-xlm-roberta-mean");
  private static final String[] PIECES = {
    "word",
    "don't",
    "x",
    "\"quoted\"",
    "(in brackets)",
    "end.",
    "Next.",
    "really?!",
    ",",
    " - ",
    "cafe\u0301",
    "e\u0301\u0302\u0323",
    "𝒳𝒴𝒵",
    "😀",
    "👩‍👩‍👧",
    "👍🏽",
    "🇩🇪",
    "🇩🇪🇫🇷🇯🇵",
    "ab🇩🇪cd",
    "1️⃣",
    "क्षत्रिय",
    "각",
    "日本語のテキスト。",
    "中文没有空格",
    "ไทยไม่มีช่องว่าง",
    "हिन्दी",
    "e.g.",
    "3.14",
    "\n\n",
    "\t",
    "\u00a0",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  };

  private static final Pattern CLUSTER = Pattern.compile("\\X");

  private static final List<DenseEncoder> ENCODERS = new ArrayList<>();

  @BeforeAll
  static void load() throws IOException {
    for (String name : MODEL_NAMES) {
      ENCODERS.add(DenseEncoder.load(MODELS.resolve(name), EncoderOptions.defaults()));
    }
  }

  @AfterAll
  static void close() {
    ENCODERS.forEach(DenseEncoder::close);
  }

  @ParameterizedTest
  @EnumSource
  void chunksOfAnyTextLeaveOutNothingButSpace(Strategy strategy) {
    Random random = new Random(17);
    for (int round = 0; round < 300; round++) {
      String text = text(random, random.nextInt(120));
      int size = 1 + random.nextInt(20);
      Chunking chunking = new Chunking(strategy, size, random.nextInt(size / 2 + 1), 10_000);
      DenseEncoder encoder = ENCODERS.get(round % ENCODERS.size());

      List<Chunk> chunks = Chunker.chunk(text, chunking, tokens(encoder, text));

      int end = 0;
      for (Chunk chunk : chunks) {
        assertThat(chunk.of(text)).isEqualTo(chunk.of(text).strip()).isNotEmpty();
        assertThat(chunk.end()).as("each chunk brings something new").isGreaterThan(end);
        if (chunk.start() > end) {
          assertThat(text.substring(end, chunk.start())).isBlank();
        }
        assertThat(isInsideACharacter(text, chunk.start())).as("start of %s", chunk).isFalse();
        assertThat(isInsideACharacter(text, chunk.end())).as("end of %s", chunk).isFalse();
        end = chunk.end();
      }
      assertThat(text.substring(end)).isBlank();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theLimitLeavesTheFirstChunksAsTheyAre(Strategy strategy) {
    Random random = new Random(18);
    for (int round = 0; round < 100; round++) {
      String text = text(random, 200);
      Chunking all = new Chunking(strategy, 8, 3, 10_000);
      int limit = 1 + random.nextInt(5);
      DenseEncoder encoder = ENCODERS.get(round % ENCODERS.size());

      List<Chunk> chunks = Chunker.chunk(text, all, tokens(encoder, text));

      assertThat(Chunker.chunk(text, all.withLimit(limit), tokens(encoder, text)))
          .isEqualTo(chunks.subList(0, Math.min(limit, chunks.size())));
    }
  }

  @Test
  void wordsOverlap() {
    assertThat(chunks("one two three four five six seven", new Chunking(Strategy.WORDS, 4, 2, 9)))
        .containsExactly("one two three four", "three four five six", "five six seven");
    assertThat(chunks("He said \"no\" (twice) - and left.", new Chunking(Strategy.WORDS, 2, 0, 9)))
        .containsExactly("He said", "\"no\" (twice) -", "and left.");
  }

  @Test
  void sentencesStayWhole() {
    String text = "It rains. The river rises. Nobody in the whole valley has seen that. They wait.";
    assertThat(chunks(text, new Chunking(Strategy.SENTENCES, 5, 0, 9)))
        .containsExactly(
            "It rains. The river rises.",
            "Nobody in the whole valley",
            "has seen that. They wait.");
    assertThat(chunks(text, new Chunking(Strategy.SENTENCES, 11, 3, 9)))
        .containsExactly(
            "It rains. The river rises.",
            "The river rises. Nobody in the whole valley has seen that.",
            "They wait.");
  }

  @Test
  void tokensAreTheModelsAndAreCutBetweenWords() {
    DenseEncoder encoder = ENCODERS.get(0);
    String text =
        "The river rises after three days of rain and the baker sells warm bread. ".repeat(9);
    Chunking chunking = new Chunking(Strategy.TOKENS, 12, 4, 100);

    List<Chunk> chunks = Chunker.chunk(text, chunking, tokens(encoder, text));

    assertThat(chunks).hasSizeGreaterThan(9);
    for (Chunk chunk : chunks) {
      String passage = chunk.of(text);
      assertThat(encoder.tokenStarts(passage, InputType.DOCUMENT, 99).positions().length)
          .as(passage)
          .isBetween(1, 12);
      assertThat((text + " ").substring(chunk.end(), chunk.end() + 1)).isBlank();
    }
  }

  @Test
  void passagesAreNoLongerThanTheModelReads() {
    String text = "rain ".repeat(500);
    TokenStarts starts = ENCODERS.get(0).tokenStarts(text, InputType.DOCUMENT, 1_000);
    assertThat(starts.window()).isEqualTo(30); // of 32, two of which are special
    Chunking chunking = new Chunking(Strategy.TOKENS, 200, 20, 100);

    List<Chunk> chunks = Chunker.chunk(text, chunking, enough -> starts);

    assertThat(chunks.get(0).of(text).split(" ")).hasSizeBetween(1, 30);
    assertThat(chunks).hasSizeGreaterThan(10);
  }

  /**
   * A text of a million characters costs ten times one of a hundred thousand, not a hundred. Its
   * tokens are found once: all strategies ask for the same ones.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "It rains. ",
        "rain ",
        "x",
        "e\u0301",
        "😀",
        "日本語",
        ".",
        "a. b ",
        "🇩🇪",
        "👩‍",
        "ᄀ"
      })
  void aMillionCharactersTakeNoTimeToSpeakOf(String unit) {
    String text = unit.repeat(1_000_000 / unit.length());
    Duration limit = Duration.ofSeconds(60);
    int reach = new Chunking(Strategy.TOKENS, 200, 100, 10_000).reach();
    TokenStarts starts =
        Assertions.assertTimeout(limit, () -> tokens(ENCODERS.get(0), text).apply(reach));
    for (Strategy strategy : Strategy.values()) {
      Chunking chunking = new Chunking(strategy, 200, 100, 10_000);
      assertThat(chunking.reach()).isEqualTo(reach);
      Assertions.assertTimeout(
          limit, () -> Chunker.chunk(text, chunking, enough -> starts), strategy::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void flagsStayWhole(Strategy strategy) {
    for (DenseEncoder encoder : ENCODERS) {
      for (String text :
          List.of("🇩🇪", "ab🇩🇪cd", "🇩🇪".repeat(400), "क्षत्रिय", "👩‍👩‍👧".repeat(50))) {
        Chunking chunking = new Chunking(strategy, 1, 0, 10_000);
        for (Chunk chunk : Chunker.chunk(text, chunking, tokens(encoder, text))) {
          assertThat(isInsideACharacter(text, chunk.start())).as(chunk.of(text)).isFalse();
          assertThat(isInsideACharacter(text, chunk.end())).as(chunk.of(text)).isFalse();
        }
      }
    }
  }

  @Test
  void blankTextsHaveNoChunks() {
    assertThat(chunks("", new Chunking(Strategy.WORDS, 4, 2, 9))).isEmpty();
    assertThat(chunks(" \n\t", new Chunking(Strategy.SENTENCES, 4, 2, 9))).isEmpty();
    assertThat(chunks("...", new Chunking(Strategy.WORDS, 4, 2, 9))).containsExactly("...");
  }

  @Test
  void numbersOutOfRangeAreNamed() {
    assertThatThrownBy(() -> new Chunking(Strategy.WORDS, 0, 0, 1))
        .hasMessage("[size] must be 1 to 100000, not 0");
    assertThatThrownBy(() -> new Chunking(Strategy.WORDS, 10, 6, 1))
        .hasMessage("[overlap] must be 0 to 5, not 6: half of [size]");
    assertThatThrownBy(() -> new Chunking(Strategy.WORDS, 10, 5, 10_001))
        .hasMessage("[limit] must be 1 to 10000, not 10001");
  }

  private static List<String> chunks(String text, Chunking chunking) {
    return Chunker.chunk(text, chunking, tokens(ENCODERS.get(0), text)).stream()
        .map(chunk -> chunk.of(text))
        .toList();
  }

  private static IntFunction<TokenStarts> tokens(DenseEncoder encoder, String text) {
    return enough -> encoder.tokenStarts(text, InputType.DOCUMENT, enough);
  }

  private static String text(Random random, int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
      text.append(random.nextInt(3) == 0 ? "" : " ");
    }
    return text.toString();
  }

  /** By the rules of Unicode, as regular expressions know them. */
  private static boolean isInsideACharacter(String text, int at) {
    if (at == 0 || at == text.length()) {
      return false;
    }
    Matcher clusters = CLUSTER.matcher(text);
    int end = 0;
    while (end < at && clusters.find()) {
      end = clusters.end();
    }
    return end != at;
  }
}
