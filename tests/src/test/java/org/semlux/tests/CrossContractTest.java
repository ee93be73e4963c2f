package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.load.EncoderOptions;

class CrossContractTest extends EncoderContractTest<CrossEncoder> {
  private static final String QUERY = "Which bird sings at night?";

  @Override
  String prefix() {
    return "cross-";
  }

  @Override
  CrossEncoder load(Path folder, EncoderOptions options) throws IOException {
    return CrossEncoder.load(folder, options);
  }

  @Override
  CompletableFuture<List<float[]>> submit(CrossEncoder encoder, List<String> texts) {
    return encoder
        .submit(ScoreRequest.of(QUERY, texts))
        .thenApply(scores -> scores.stream().map(score -> withScale(score.raw())).toList());
  }

  /** Scores rank, so near is not enough: where rows of a product are rounded alike, none moves. */
  @Override
  double companysShare() {
    return 0;
  }

  /** A score near 0 is a sum of numbers near 1, which its rounding errors come from. */
  private static float[] withScale(float[] raw) {
    float[] scaled = Arrays.copyOf(raw, raw.length + 1);
    scaled[raw.length] = 1;
    return scaled;
  }

  private static CrossEncoder bert() throws IOException {
    return CrossEncoder.load(Goldens.committed().resolve("cross-bert"), float32());
  }

  @Test
  void theLargestScoreOfALongTextsWindowsCounts() throws IOException {
    try (CrossEncoder encoder = bert()) {
      String sentence = "a baker sells warm bread before sunrise . ";
      List<TextPair> pairs =
          List.of(
              new TextPair(QUERY, sentence.repeat(50) + "the bird sings a song in the garden"),
              new TextPair(QUERY, "the bird sings"),
              new TextPair(QUERY, ""));
      ScoreRequest request = ScoreRequest.of(pairs);
      List<PairScore> cut = encoder.scoreAll(request);
      long before = encoder.stats().texts();
      List<PairScore> windows = encoder.scoreAll(request.withLongTexts(LongTexts.WINDOWS));
      assertThat(encoder.stats().texts() - before).isGreaterThan(20);
      // The first window shows what truncation leaves, for a query shorter than the text.
      assertThat(windows.get(0).score()).isGreaterThanOrEqualTo(cut.get(0).score());
      assertSame(withScale(windows.get(1).raw()), withScale(cut.get(1).raw()));
      assertSame(withScale(windows.get(2).raw()), withScale(cut.get(2).raw()));
    }
  }

  @Test
  void anyNumberOfPairsPassesASmallQueue() throws IOException {
    try (CrossEncoder encoder = bert()) {
      List<String> texts =
          IntStream.range(0, 3_000).mapToObj(i -> "the dog and cat " + i % 7).toList();
      List<PairScore> scores = encoder.score(QUERY, texts);
      assertThat(scores).hasSize(texts.size());
      for (int i = 7; i < texts.size(); i++) {
        assertSame(withScale(scores.get(i).raw()), withScale(scores.get(i % 7).raw()));
      }
    }
  }

  @Test
  void labelsHaveNames() throws IOException {
    Path folder = Goldens.committed().resolve("cross-bert-3-labels");
    try (Encoder encoder = Encoder.load(folder, float32())) {
      assertThat(encoder.info().kind()).isEqualTo(EncoderKind.CROSS);
      assertThat(encoder.info().labels()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
      assertThat(encoder.info().dimensions()).isEqualTo(3);
    }
  }
}
