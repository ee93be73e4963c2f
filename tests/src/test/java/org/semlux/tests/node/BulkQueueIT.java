package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One bulk request far larger than the queue: what fits is indexed, what does not is answered 429.
 */
@ExtendWith(RealNode.Extension.class)
class BulkQueueIT {
  private static final int DOCUMENTS = 10_000;

  @BeforeAll
  static void start(RealNode node) {
    node.restart(Map.of("semlux.queue.size", "16kb"));
    node.deploy(RealNode.MODEL, "tiny");
    node.rest()
        .succeed(
            "PUT",
            "/_ingest/pipeline/semantic",
            """
            {"processors":[{"semlux":{"model_id":"tiny",
              "input_output":[{"input_field":"text","output_field":"vector"}]}}]}""");
    node.rest()
        .succeed(
            "PUT",
            "/crowd",
            """
            {"settings":{"default_pipeline":"semantic"},
             "mappings":{"properties":{"vector":{"type":"dense_vector","dims":32}}}}""");
  }

  @AfterAll
  static void restore(RealNode node) {
    node.rest().succeed("DELETE", "/crowd", "");
    node.rest().succeed("DELETE", "/_ingest/pipeline/semantic", "");
    node.rest().succeed("DELETE", "/_semlux/models/tiny?force=true", "");
    node.restart(Map.of());
  }

  @Test
  void refusesTheItemsThatDoNotFitAndLosesNone(RealNode node) {
    List<Integer> waiting = IntStream.range(0, DOCUMENTS).boxed().toList();
    List<Integer> refused = send(node, waiting);
    assertThat(refused).as("items answered 429").hasSizeBetween(1, DOCUMENTS - 1);
    assertThat(indexed(node)).isEqualTo(DOCUMENTS - refused.size());

    while (!refused.isEmpty()) {
      waiting = refused;
      refused = send(node, waiting);
      // The queue is empty when a bulk request comes alone, so each one gets some documents in.
      assertThat(refused).hasSizeLessThan(waiting.size());
    }
    assertThat(indexed(node)).isEqualTo(DOCUMENTS);
  }

  /** The documents of these numbers that were answered 429; all others were indexed. */
  private static List<Integer> send(RealNode node, List<Integer> numbers) {
    List<Object> lines = new ArrayList<>();
    for (int number : numbers) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(number))));
      lines.add(Map.of("text", "the text of document number " + number));
    }
    Rest.Answer answer =
        node.rest().succeed("POST", "/crowd/_bulk?refresh=true", Rest.lines(lines));
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
  private static int indexed(RealNode node) {
    Object vectors =
        node.rest()
            .succeed("POST", "/crowd/_count", "{\"query\":{\"exists\":{\"field\":\"vector\"}}}")
            .at("count");
    assertThat(node.rest().succeed("GET", "/crowd/_count", "").at("count")).isEqualTo(vectors);
    return Math.toIntExact((Long) vectors);
  }
}
