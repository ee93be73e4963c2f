package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A {@code _source} that lacks what a document was sent with: nothing is written from it. */
@OnRealNode
class SourceLossIT {
  private static final String INDEX = "kept";
  private static final String PROPERTIES =
      """
      "text":{"type":"text","copy_to":"all"},"all":{"type":"text"},
      "title":{"type":"text","fields":{"raw":{"type":"keyword"}}},
      "vector":{"type":"dense_vector","dims":32},
      "own":{"type":"dense_vector","dims":2},
      "labels":{"type":"flattened"},"by":{"properties":{"name":{"type":"keyword"}}},
      "parts":{"type":"nested","properties":{"label":{"type":"keyword"},
        "vector":{"type":"dense_vector","dims":2}}},
      "name":{"type":"alias","path":"by.name"}\
      """;
  private static final Map<String, Object> DOCUMENT =
      Map.of(
          "text", "rain",
          "title", "weather",
          "own", List.of(1, 2),
          "labels", Map.of("secret", "x"),
          "by", Map.of("name", "y"),
          "parts", List.of(Map.of("label", "z", "vector", List.of(3, 4))));
  private static final List<String> QUERIES =
      List.of(
          "{\"match\":{\"text\":\"rain\"}}",
          "{\"match\":{\"all\":\"rain\"}}",
          "{\"match\":{\"title\":\"weather\"}}",
          "{\"term\":{\"title.raw\":\"weather\"}}",
          "{\"term\":{\"labels.secret\":\"x\"}}",
          "{\"term\":{\"name\":\"y\"}}",
          "{\"nested\":{\"path\":\"parts\",\"query\":{\"term\":{\"parts.label\":\"z\"}}}}",
          "{\"knn\":{\"field\":\"own\",\"query_vector\":[1,2],\"k\":5}}",
          "{\"nested\":{\"path\":\"parts\",\"query\":"
              + "{\"knn\":{\"field\":\"parts.vector\",\"query_vector\":[3,4],\"k\":5}}}}");

  @AfterAll
  static void clean(RealNode node) {
    Reencoded.clean(node, "exact");
  }

  @BeforeAll
  static void deploy(RealNode node) {
    Reencoded.deploy(node);
  }

  @BeforeEach
  void pipeline(RealNode node) {
    Reencoded.pipeline(node, true, Reencoded.TEXT_TO_VECTOR);
  }

  private static Reencoded index(RealNode node, String settings, String source) {
    Reencoded index =
        new Reencoded(
            node,
            INDEX,
            """
            {"settings":{%s},"mappings":{"_source":{%s},"properties":{%s}}}\
            """
                .formatted(settings, source, PROPERTIES));
    index.index(false, List.of(DOCUMENT));
    return index;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"excludes\":[\"text\"] | lacks [text]",
        "\"includes\":[\"text\"] | lacks [by.name, labels, own, parts.label, parts.vector, title,"
            + " vector_encoded]",
        "\"excludes\":[\"title\"] | lacks [title]",
        "\"excludes\":[\"t*\"] | lacks [text, title]",
        "\"excludes\":[\"by\"] | lacks [by.name]",
        "\"excludes\":[\"by.*\"] | lacks [by.name]",
        "\"excludes\":[\"labels.secret\"] | lacks [labels]",
        "\"excludes\":[\"*.secret\"] | lacks [labels]",
        "\"excludes\":[\"parts.label\"] | lacks [parts.label]",
        "\"excludes\":[\"own\"] | lacks [own]",
        "\"excludes\":[\"all\"] | lacks [all]",
        "\"excludes\":[\"vector_encoded\"] | lacks [vector_encoded]",
        "\"enabled\":false | keeps no [_source]",
      })
  void whatWouldBeLostIsNamedAndNothingWritten(String source, String reason, RealNode node) {
    index(node, "", source).assertRefuses(reason);
  }

  @ParameterizedTest
  @CsvSource({"synthetic, mode [synthetic]", "disabled, keeps no [_source]"})
  void otherModesThanStoredAreRefused(String mode, String reason, RealNode node) {
    index(node, "\"index.mapping.source.mode\":\"" + mode + "\"", "").assertRefuses(reason);
  }

  /**
   * What is made again is no loss: vectors of the pipeline, copies, multi-fields; nor are vectors
   * that Elasticsearch itself leaves out and brings back.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | ''",
        "false | ''",
        "true | \"excludes\":[\"vector\"]",
        "false | \"excludes\":[\"vector\"]",
        "true | \"excludes\":[\"nothing\"]",
        "true | \"includes\":[\"text\",\"title\",\"own\",\"labels\",\"by\",\"parts\",\"vector_*\"]",
      })
  void everyFieldIsFoundAsBefore(boolean withoutVectors, String source, RealNode node) {
    Reencoded index =
        index(node, "\"index.mapping.exclude_source_vectors\":" + withoutVectors, source);
    for (String query : QUERIES) {
      assertThat(index.hits(query)).as(query).containsExactly("0");
    }

    index.assertDoes(1);

    for (String query : QUERIES) {
      assertThat(index.hits(query)).as(query).containsExactly("0");
    }
    assertThat(index.hits("{\"exists\":{\"field\":\"vector\"}}")).containsExactly("0");
  }

  /** The pipeline would not make its vector again, and its source does not have it. */
  @Test
  void aVectorThatOnlyTheIndexHasIsNotWrittenOver(RealNode node) {
    Reencoded index =
        new Reencoded(
            node,
            INDEX,
            """
            {"mappings":{"_source":{"excludes":["a","b"]},"properties":{
              "a":{"type":"dense_vector","dims":32},"b":{"type":"dense_vector","dims":32}}}}\
            """);
    Reencoded.pipeline(node, true, Reencoded.entry("x", "a"), Reencoded.entry("y", "b"));
    List<Double> own = Collections.nCopies(32, .5);
    index.index(false, List.of(Map.of("x", "rain", "b", own), Map.of("x", "bread", "y", "snow")));

    Rest.Answer answer = index.run();

    assertThat(answer.at("total")).isEqualTo(2L);
    assertThat(answer.at("updated")).isEqualTo(1L);
    assertThat(answer.at("failures.0.id")).isEqualTo("0");
    assertThat((String) answer.at("failures.0.reason")).contains("[_source] lacks [b]");
    assertThat(index.hits("{\"exists\":{\"field\":\"b\"}}")).containsExactly("0", "1");
  }
}
