package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Holds a run against what the reference's trainer saw at each step and answered afterwards.
 *
 * @param output of the run
 */
record TrainGolden(Path output) {
  private static final double LOSS = 1e-4;
  private static final double NORM = 1e-3;
  private static final double ANSWER = 1e-4;

  static void check(JsonObject golden, Path output) throws IOException {
    new TrainGolden(output).check(golden, golden.get("texts"), golden.get("pairs"));
  }

  private void check(JsonObject golden, JsonElement texts, JsonElement pairs) throws IOException {
    List<JsonObject> steps = TrainRun.steps(output);
    series("loss", steps, golden.getAsJsonArray("loss_per_step"), LOSS);
    if (!golden.getAsJsonArray("gradient_norm_per_step").isEmpty()) {
      series("grad_norm", steps, golden.getAsJsonArray("gradient_norm_per_step"), NORM);
    }
    series("learning_rate", steps, golden.getAsJsonArray("learning_rate_per_step"), 1e-6);
    parts(golden, steps);
    if (golden.has("query_embeddings")) {
      for (String side : List.of("query", "document")) {
        JsonArray vectors = golden.getAsJsonArray(side + "_embeddings");
        answers(vectors, "encode", texts, "embedding", "--input-type", side);
      }
    } else if (golden.has("embeddings")) {
      answers(golden.getAsJsonArray("embeddings"), "encode", texts, "embedding");
    } else if (golden.has("term_weights_by_token_id")) {
      JsonArray weights = golden.getAsJsonArray("term_weights_by_token_id");
      answers(weights, "encode", texts, "weights_by_id", "--token-ids");
    } else if (golden.has("query_term_weights_by_token_id")) {
      for (String side : List.of("query", "document")) {
        JsonArray weights = golden.getAsJsonArray(side + "_term_weights_by_token_id");
        answers(weights, "encode", texts, "weights_by_id", "--token-ids", "--input-type", side);
      }
    } else if (golden.has("raw")) {
      answers(golden.getAsJsonArray("raw"), "score", pairs, "raw");
    } else {
      answers(golden.getAsJsonArray("scores"), "score", pairs, "score");
    }
  }

  private static void series(String key, List<JsonObject> steps, JsonArray wanted, double share) {
    double[] found = TrainRun.series(steps, key);
    double[] expected = wanted.asList().stream().mapToDouble(JsonElement::getAsDouble).toArray();
    assertThat(found).as(key).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i])
          .as("%s of step %d; all: %s, wanted %s", key, i + 1, Arrays.toString(found), wanted)
          .isCloseTo(expected[i], within(share * Math.abs(expected[i])));
    }
  }

  private static void parts(JsonObject golden, List<JsonObject> steps) {
    if (golden.has("loss_parts_per_step")) {
      JsonArray wanted = golden.getAsJsonArray("loss_parts_per_step");
      for (String part : wanted.get(0).getAsJsonObject().keySet()) {
        JsonArray one = new JsonArray();
        wanted.forEach(step -> one.add(step.getAsJsonObject().get(part)));
        series(part, steps, one, LOSS);
      }
    }
  }

  private void answers(
      JsonArray wanted, String command, JsonElement inputs, String key, Object... options) {
    List<String> lines =
        inputs.getAsJsonArray().asList().stream().map(JsonElement::toString).toList();
    List<JsonElement> found = TrainRun.answers(command, output, lines, options);
    assertThat(found).hasSameSizeAs(wanted);
    for (int i = 0; i < found.size(); i++) {
      double[][] rows = aligned(found.get(i).getAsJsonObject().get(key), wanted.get(i));
      double largest = Math.max(1e-6, Arrays.stream(rows[1]).map(Math::abs).max().orElse(0));
      for (int j = 0; j < rows[0].length; j++) {
        assertThat(rows[0][j])
            .as("answer %d, number %d", i, j)
            .isCloseTo(rows[1][j], within(ANSWER * largest));
      }
    }
  }

  /** Both as numbers in one order; a term that is not there weighs nothing. */
  private static double[][] aligned(JsonElement found, JsonElement wanted) {
    if (wanted.isJsonObject()) {
      Set<String> ids = new TreeSet<>(wanted.getAsJsonObject().keySet());
      ids.addAll(found.getAsJsonObject().keySet());
      return new double[][] {terms(found, ids), terms(wanted, ids)};
    }
    return new double[][] {numbers(found), numbers(wanted)};
  }

  private static double[] terms(JsonElement weights, Set<String> ids) {
    JsonObject object = weights.getAsJsonObject();
    return ids.stream()
        .mapToDouble(id -> object.has(id) ? object.get(id).getAsDouble() : 0)
        .toArray();
  }

  private static double[] numbers(JsonElement row) {
    if (!row.isJsonArray()) {
      return new double[] {row.getAsDouble()};
    }
    JsonArray array = row.getAsJsonArray();
    return IntStream.range(0, array.size()).mapToDouble(i -> array.get(i).getAsDouble()).toArray();
  }
}
