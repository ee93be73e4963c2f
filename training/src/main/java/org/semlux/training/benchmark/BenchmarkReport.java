package org.semlux.training.benchmark;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.semlux.encoders.api.Precision;
import org.semlux.training.run.Progress;

/**
 * What {@code semlux benchmark} prints.
 *
 * {@snippet lang=java :
 * List<String> texts = SampleTexts.of(1_000);
 * Measurement one =
 *     Measurement.of(Path.of("model"), EncoderOptions.defaults(), 2, texts, 5, done -> {});
 * new BenchmarkReport("model", Progress.Unit.TEXTS, 1_000, 5, List.of(one), Map.of())
 *     .printTable(new PrintWriter(System.out, true));
 * }
 *
 * @param unit what was counted: texts or pairs
 * @param texts how many of them a round has
 * @param measurements at least one
 * @param agreements with float32, of the other precisions
 */
public record BenchmarkReport(
    String model,
    Progress.Unit unit,
    int texts,
    int rounds,
    List<Measurement> measurements,
    Map<Precision, Agreement> agreements) {
  private static final String ROW = "%-10s %7s %14s %14s %11s %11s %16s %7s%n";

  /** The first measurement. */
  public JsonObject json() {
    Measurement measurement = measurements.get(0);
    JsonObject object = new JsonObject();
    object.addProperty("model", model);
    object.addProperty("precision", measurement.precision().toString());
    object.addProperty("threads", measurement.threads());
    object.addProperty("texts", texts);
    object.addProperty("tokens", measurement.tokens());
    object.addProperty("texts_per_second", measurement.bestTextsPerSecond());
    object.addProperty("texts_per_second_median", measurement.medianTextsPerSecond());
    object.addProperty("latency_ms_p50", measurement.latencyMillis(50));
    object.addProperty("latency_ms_p99", measurement.latencyMillis(99));
    object.addProperty("product_rate_gflops", measurement.productRate());
    object.addProperty("product_share", measurement.productShare());
    if (agreements.containsKey(measurement.precision())) {
      agreements.get(measurement.precision()).addTo(object);
    }
    return object;
  }

  /** A row for each measurement. */
  public void printTable(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s: %,d %s of %.1f tokens, %d rounds%n",
        model,
        texts,
        unit,
        (double) measurements.get(0).tokens() / texts,
        rounds);
    out.printf(
        ROW,
        "precision",
        "threads",
        "best " + unit + "/s",
        "median " + unit + "/s",
        "p50 of one",
        "p99 of one",
        "products at best",
        "share");
    for (Measurement measurement : measurements) {
      out.printf(
          ROW,
          measurement.precision(),
          measurement.threads(),
          format("%,.0f", measurement.bestTextsPerSecond()),
          format("%,.0f", measurement.medianTextsPerSecond()),
          format("%.2f ms", measurement.latencyMillis(50)),
          format("%.2f ms", measurement.latencyMillis(99)),
          format("%,.0f GFLOPS", measurement.productRate()),
          format("%.1f%%", 100 * measurement.productShare()));
    }
    agreements.forEach((precision, agreement) -> out.printf("%s, %s%n", precision, agreement));
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
