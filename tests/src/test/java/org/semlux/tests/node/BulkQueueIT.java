package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One bulk request far larger than the queue, through a pipeline and into a field: what fits is
 * indexed, what does not is answered 429.
 */
@StartsNodes
class BulkQueueIT {
  private static ClusterNode node;
  private static Rest rest;

  @BeforeAll
  static void start() {
    node = ClusterNode.of("crowd", "one").get(0).with("semlux.queue.size", "16kb");
    node.start();
    rest = node.rest();
    ModelUpload.of(RealNode.MODEL).send(rest, "tiny");
    rest.succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    rest.succeed(
        "PUT",
        "/_ingest/pipeline/semantic",
        """
        {"processors":[{"semlux":{"model_id":"tiny",
          "input_output":[{"input_field":"text","output_field":"vector"}]}}]}""");
    rest.succeed(
        "PUT",
        "/crowd",
        """
        {"settings":{"default_pipeline":"semantic"},
         "mappings":{"properties":{"vector":{"type":"dense_vector","dims":32}}}}""");
    rest.succeed(
        "PUT",
        "/field",
        """
        {"mappings":{"properties":{"text":{"type":"semlux_text","model_id":"tiny"}}}}""");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @CsvSource({"crowd, vector, 5000, 1", "field, text, 500, 40"})
  void refusesTheItemsThatDoNotFitAndLosesNone(
      String index, String encoded, int documents, int times) {
    List<Integer> waiting = IntStream.range(0, documents).boxed().toList();
    List<Integer> refused = send(index, waiting, times);
    assertThat(refused).as("items answered 429").hasSizeBetween(1, documents - 1);
    assertThat(indexed(index, encoded)).isEqualTo(documents - refused.size());

    while (!refused.isEmpty()) {
      waiting = refused;
      refused = send(index, waiting, times);
      // The queue is empty when a bulk request comes alone, so each one gets some documents in.
      assertThat(refused).hasSizeLessThan(waiting.size());
    }
    assertThat(indexed(index, encoded)).isEqualTo(documents);
  }

  /** The documents of these numbers that were answered 429; all others were indexed. */
  private static List<Integer> send(String index, List<Integer> numbers, int times) {
    List<Object> lines = new ArrayList<>();
    for (int number : numbers) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(number))));
      lines.add(Map.of("text", ("the text of document number " + number + " ").repeat(times)));
    }
    Rest.Answer answer =
        rest.succeed("POST", "/" + index + "/_bulk?refresh=true", Rest.lines(lines));
    List<Integer> refused = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      String item = "items." + i + ".index.";
      if (answer.at(item + "status").equals(429L)) {
        assertThat(answer.at(item + "error.reason").toString())
            .contains("queue of model [tiny] is");
        assertThat(answer.at(item + "error.header.Retry-After").toString()).isEqualTo("1");
        refused.add(numbers.get(i));
      } else {
        assertThat(answer.at(item + "status")).isEqualTo(201L);
      }
    }
    return refused;
  }

  /** How many documents have a vector; every document must. */
  private static int indexed(String index, String encoded) {
    Object vectors =
        rest.succeed(
                "POST",
                "/" + index + "/_count",
                "{\"query\":{\"exists\":{\"field\":\"" + encoded + "\"}}}")
            .at("count");
    assertThat(rest.succeed("GET", "/" + index + "/_count", "").at("count")).isEqualTo(vectors);
    return Math.toIntExact((Long) vectors);
  }
}
