package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run finds to do: all that was changed past the pipeline, and nothing twice. */
@OnRealNode
class StaleVectorsIT {
  private static final String INDEX = "stale";
  private static final String VECTOR =
      "\"text\":{\"type\":\"text\"},\"vector\":{\"type\":\"dense_vector\",\"dims\":32}";
  private static final List<String> TEXTS = List.of("rain", "bread", "a river", "snow");

  @AfterAll
  static void clean(RealNode node) {
    Reencoded.clean(node, "exact");
  }

  @BeforeAll
  static void deploy(RealNode node) {
    Reencoded.deploy(node);
  }

  private static String mappings(String more, String properties) {
    return "{\"mappings\":{" + more + "\"properties\":{" + properties + "}}}";
  }

  private static List<Object> documents(List<String> texts) {
    List<Object> documents = new ArrayList<>();
    texts.forEach(text -> documents.add(Map.of("text", text)));
    return documents;
  }

  /** Whether {@code _source} shows vectors or not, as is the default. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\"_source\":{\"excludes\":[\"vector\"]},"})
  void textsAndVectorsThatWereChangedPastThePipelineAreFound(String source, RealNode node) {
    Reencoded.pipeline(node, true, Reencoded.TEXT_TO_VECTOR);
    Reencoded index = new Reencoded(node, INDEX, mappings(source, VECTOR));
    index.index(true, documents(TEXTS));
    assertThat(index.run().at("total")).isEqualTo(0L);

    index.update(0, "{\"text\":\"sun\"}");
    index.update(1, "{\"vector\":null}");
    index.update(2, "{\"text\":null}");
    String third = index.versions().get(3);
    index.assertDoes(3);

    assertThat(index.hits("{\"exists\":{\"field\":\"vector\"}}")).containsExactly("0", "1", "3");
    assertThat(index.source(2).at("vector_encoded")).isNull();
    assertThat(index.versions().get(3)).as("left alone").isEqualTo(third);
    if (source.isEmpty()) {
      index.assertEncodes(index.source(0).at("vector"), "sun");
      index.assertEncodes(index.source(1).at("vector"), "bread");
      index.assertEncodes(index.source(3).at("vector"), "snow");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"parts\":{\"type\":\"nested\",\"properties\":{" + VECTOR + "}}",
        "\"parts\":{\"properties\":{\"text\":{\"type\":\"text\"},\"vector\":{\"type\":\"float\"}}}"
      })
  void everyElementOfAnArrayCounts(String mapping, RealNode node) {
    Reencoded.pipeline(node, true, Reencoded.entry("parts.text", "parts.vector"));
    Reencoded index = new Reencoded(node, INDEX, mappings("", mapping));
    List<Object> parts = new ArrayList<>();
    parts.add(null);
    parts.addAll(documents(TEXTS));
    parts.add(Map.of("other", 1));
    index.index(false, List.of(Map.of("parts", parts), Map.of("parts", List.of())));
    index.assertDoes(1);

    List<Object> more = new ArrayList<>((List<?>) index.source(0).at("parts"));
    more.add(Map.of("text", "hail"));
    index.update(0, Rest.JSON.toJson(Map.of("parts", more)));
    index.assertDoes(1);
    Rest.Answer source = index.source(0);
    index.assertEncodes(source.at("parts.1.vector"), "rain");
    index.assertEncodes(source.at("parts.6.vector"), "hail");
  }

  @Test
  void marksNeedNoMapping(RealNode node) {
    Reencoded.pipeline(node, false, Reencoded.TEXT_TO_VECTOR);
    Reencoded index = new Reencoded(node, INDEX, mappings("\"dynamic\":false,", VECTOR));
    index.index(false, documents(TEXTS));
    index.assertDoes(4);

    Reencoded marked =
        new Reencoded(
            node,
            INDEX,
            mappings("\"dynamic\":false,\"_source\":{\"excludes\":[\"vector_encoded\"]},", VECTOR));
    marked.index(false, documents(TEXTS));
    marked.assertRefuses("lacks [vector_encoded]");
  }

  @Test
  void documentsThatFailHoldUpNoOthers(RealNode node) {
    Reencoded.pipeline(node, false, Reencoded.TEXT_TO_VECTOR);
    Reencoded index = new Reencoded(node, INDEX, mappings("", VECTOR));
    List<Object> documents = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      documents.add(Map.of("title", "no text"));
    }
    for (int i = 0; i < 99; i++) {
      documents.add(Map.of("text", "number " + i));
    }
    index.index(false, documents);

    Rest.Answer answer = index.run(",\"batch_size\":20");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.at("documents")).isEqualTo(349L);
    assertThat(answer.at("checked")).isEqualTo(349L);
    assertThat(answer.at("failed")).isEqualTo(250L);
    assertThat(answer.at("updated")).isEqualTo(99L);
    assertThat((List<?>) answer.at("failures")).hasSize(10);
    assertThat((String) answer.at("failures.0.reason")).contains("field [text] is missing");

    Reencoded.pipeline(node, true, Reencoded.TEXT_TO_VECTOR);
    assertThat(index.run().at("total")).as("no text is no work then").isEqualTo(0L);
  }
}
