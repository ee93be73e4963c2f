package org.semlux.training.benchmark;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;

/**
 * How near a precision's answers are to those in float32, on the same texts.
 *
 * {@snippet lang=java :
 * List<String> texts = SampleTexts.of(200);
 * Path model = Path.of("model");
 * EncoderOptions options = EncoderOptions.defaults();
 * var exact = Agreement.Answers.of(model, options.withPrecision(Precision.FLOAT32), texts);
 * var rounded = Agreement.Answers.of(model, options.withPrecision(Precision.INT8), texts);
 * Agreement.of(exact, rounded).worst(); // the lowest cosine, or a score's largest difference
 * }
 *
 * @param scores whether these are scores, of which {@code worst} is the largest difference; else
 *     {@code worst} and {@code mean} are cosines
 */
public record Agreement(boolean scores, double worst, double mean) {
  /**
   * Numbers by place, of each text or token: a vector's dimensions, a term's id, a score's label.
   */
  public record Answers(boolean scores, List<Map<Integer, Double>> rows) {
    /** Loads a model and has it answer. */
    public static Answers of(Path folder, EncoderOptions options, List<String> texts)
        throws IOException {
      try (Encoder encoder = Encoder.load(folder, options)) {
        return switch (encoder) {
          case DenseEncoder dense ->
              new Answers(
                  false, dense.encode(texts).stream().map(one -> numbers(one.values())).toList());
          case MultiVectorEncoder tokens ->
              new Answers(
                  false,
                  tokens.encode(texts).stream()
                      .flatMap(one -> Arrays.stream(one.vectors()))
                      .map(Answers::numbers)
                      .toList());
          case SparseEncoder sparse ->
              new Answers(false, sparse.encode(texts).stream().map(Answers::terms).toList());
          case CrossEncoder cross ->
              new Answers(
                  true,
                  cross.score(Measurement.SHORT_TEXT, texts).stream()
                      .map(PairScore::scores)
                      .map(Answers::numbers)
                      .toList());
        };
      }
    }

    private static Map<Integer, Double> numbers(float[] values) {
      Map<Integer, Double> row = new HashMap<>();
      IntStream.range(0, values.length).forEach(i -> row.put(i, (double) values[i]));
      return row;
    }

    private static Map<Integer, Double> terms(TermWeights terms) {
      Map<Integer, Double> row = new HashMap<>();
      IntStream.range(0, terms.size())
          .forEach(i -> row.put(terms.ids()[i], (double) terms.weights()[i]));
      return row;
    }
  }

  public static Agreement of(Answers exact, Answers rounded) {
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < exact.rows.size(); i++) {
      Map<Integer, Double> a = exact.rows.get(i);
      Map<Integer, Double> b = rounded.rows.get(i);
      each.add(exact.scores ? difference(a, b) : cosine(a, b));
    }
    double mean = each.stream().mapToDouble(d -> d).average().orElse(0);
    double worst =
        exact.scores
            ? each.stream().mapToDouble(d -> d).max().orElse(0)
            : each.stream().mapToDouble(d -> d).min().orElse(1);
    return new Agreement(exact.scores, worst, mean);
  }

  private static double difference(Map<Integer, Double> a, Map<Integer, Double> b) {
    return a.keySet().stream().mapToDouble(i -> Math.abs(a.get(i) - b.get(i))).max().orElse(0);
  }

  /** 1 for two texts without any number. */
  private static double cosine(Map<Integer, Double> a, Map<Integer, Double> b) {
    double product = dot(a, b);
    double lengths = Math.sqrt(dot(a, a) * dot(b, b));
    return a.isEmpty() && b.isEmpty() ? 1 : lengths == 0 ? 0 : product / lengths;
  }

  private static double dot(Map<Integer, Double> a, Map<Integer, Double> b) {
    return a.entrySet().stream()
        .mapToDouble(entry -> entry.getValue() * b.getOrDefault(entry.getKey(), 0.0))
        .sum();
  }

  public void addTo(JsonObject object) {
    if (scores) {
      object.addProperty("largest_score_difference", worst);
    } else {
      object.addProperty("cosine_to_float32_lowest", worst);
      object.addProperty("cosine_to_float32_mean", mean);
    }
  }

  @Override
  public String toString() {
    return scores
        ? String.format(Locale.ROOT, "scores differ from float32's by %.4f at most", worst)
        : String.format(Locale.ROOT, "cosine to float32: lowest %.5f, mean %.5f", worst, mean);
  }
}
