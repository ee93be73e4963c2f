package org.semlux.training.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;

/**
 * How fast a model is in one precision, on so many threads, from text to numbers. For a
 * cross-encoder a text is a pair: one query with each text.
 *
 * {@snippet lang=java :
 * List<String> texts = SampleTexts.of(1_000);
 * Measurement measured =
 *     Measurement.of(Path.of("model"), EncoderOptions.defaults(), 2, texts, 5, done -> {});
 * measured.bestTextsPerSecond();
 * measured.latencyMillis(99); // of one short text, the 99th percentile
 * }
 *
 * @param textsPerSecond of each round over all texts, ascending
 * @param tokens of all texts
 * @param latencyMillis of one short text alone, ascending
 * @param productRate what the machine multiplies in the same precision and threads, in GFLOPS
 * @param productShare of that rate which the best round's matrix products took, 0 to 1; 0 for a
 *     model without
 */
public record Measurement(
    Precision precision,
    int threads,
    double[] textsPerSecond,
    long tokens,
    double[] latencyMillis,
    double productRate,
    double productShare) {
  public static final String SHORT_TEXT = "How do I reset my password?";
  private static final String SHORT_ANSWER = "Choose a new one on the account page.";
  private static final int LATENCY_WARM_UP = 100;
  private static final int LATENCY_CALLS = 500;

  /**
   * Loads the model anew and measures it, after one round that does not count.
   *
   * @param finished is told the texts of each round
   */
  public static Measurement of(
      Path folder,
      EncoderOptions settings,
      int threads,
      List<String> texts,
      int rounds,
      Consumer<Integer> finished)
      throws IOException {
    EncoderOptions options = settings.withWorkers(Workers.ofThreads(threads));
    try (Encoder encoder = Encoder.load(folder, options)) {
      Runnable all = encodingOf(encoder, texts);
      all.run();
      finished.accept(texts.size());
      long tokens = encoder.stats().tokens();
      double[] rates = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        rates[round] = texts.size() / seconds(all);
        finished.accept(texts.size());
      }
      Arrays.sort(rates);
      Precision used = encoder.info().precision();
      double productRate = ProductRate.gflops(used, threads);
      double tokensPerSecond = rates[rounds - 1] * tokens / texts.size();
      double gflops = 2.0 * encoder.info().productsPerToken() * tokensPerSecond / 1e9;
      return new Measurement(
          used, threads, rates, tokens, latencies(encoder), productRate, gflops / productRate);
    }
  }

  /** Encodes everything, in the way of each kind of encoder. */
  private static Runnable encodingOf(Encoder encoder, List<String> texts) {
    return switch (encoder) {
      case TextEncoder<?> single -> () -> single.encode(texts);
      case CrossEncoder pairs -> () -> pairs.score(SHORT_TEXT, texts);
    };
  }

  /** Encodes one text that somebody waits for. */
  private static Runnable queryOf(Encoder encoder) {
    EncodeRequest query = EncodeRequest.of(List.of(SHORT_TEXT)).withPriority(Priority.SEARCH);
    ScoreRequest pair = ScoreRequest.of(SHORT_TEXT, List.of(SHORT_ANSWER));
    return switch (encoder) {
      case TextEncoder<?> single -> () -> single.submit(query).join();
      case CrossEncoder pairs -> () -> pairs.submit(pair).join();
    };
  }

  private static double[] latencies(Encoder encoder) {
    Runnable query = queryOf(encoder);
    for (int i = 0; i < LATENCY_WARM_UP; i++) {
      query.run();
    }
    double[] millis = new double[LATENCY_CALLS];
    for (int i = 0; i < LATENCY_CALLS; i++) {
      millis[i] = 1e3 * seconds(query);
    }
    Arrays.sort(millis);
    return millis;
  }

  private static double seconds(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return (System.nanoTime() - start) / 1e9;
  }

  public double bestTextsPerSecond() {
    return textsPerSecond[textsPerSecond.length - 1];
  }

  public double medianTextsPerSecond() {
    int middle = textsPerSecond.length / 2;
    return textsPerSecond.length % 2 == 1
        ? textsPerSecond[middle]
        : (textsPerSecond[middle - 1] + textsPerSecond[middle]) / 2;
  }

  /** Milliseconds that so many percent of the calls took at most. */
  public double latencyMillis(int percent) {
    int rank = (int) Math.ceil(percent / 100.0 * latencyMillis.length);
    return latencyMillis[Math.max(0, rank - 1)];
  }
}
