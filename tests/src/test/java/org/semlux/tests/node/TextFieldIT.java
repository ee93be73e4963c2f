package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.Precision;

/**
 * The field {@code semlux_text} on one node with three shards: where it may stand in a mapping,
 * every way of writing and of searching.
 */
@OnRealNode
class TextFieldIT {
  private static final String FIELD = "{\"type\":\"semlux_text\",\"model_id\":\"field-exact\"}";
  private static final String RIVER = "The river rises after rain.";
  private static final String BREAD = "A baker sells bread.";

  @BeforeAll
  static void deploy(RealNode node) {
    node.deploy(RealNode.MODEL, "field-exact", Precision.FLOAT32);
    node.deploy(RealNode.golden("sparse-bert"), "field-sparse", Precision.FLOAT32);
    node.deploy(RealNode.CROSS_MODEL, "field-cross", Precision.FLOAT32);
  }

  @AfterAll
  static void clean(RealNode node) {
    for (String index : List.of("field-one", "field-two")) {
      node.rest().call("DELETE", "/" + index, "");
    }
    for (String id : List.of("field-exact", "field-sparse", "field-cross")) {
      node.rest().succeed("DELETE", "/_semlux/models/" + id, "");
    }
  }

  private static void create(RealNode node, String index, String settings, String properties) {
    node.rest().call("DELETE", "/" + index, "");
    node.rest()
        .succeed(
            "PUT",
            "/" + index,
            "{\"settings\":{\"number_of_shards\":3,\"number_of_replicas\":0%s},\"mappings\":{\"properties\":%s}}"
                .formatted(settings, properties));
  }

  private static void put(RealNode node, String index, String id, String document) {
    node.rest().succeed("PUT", "/" + index + "/_doc/" + id + "?refresh=true", document);
  }

  private static String query(String field, String text) {
    return "{\"semlux\":{\"field\":\"%s\",\"query\":\"%s\",\"k\":10}}".formatted(field, text);
  }

  private static List<String> ids(Rest.Answer answer) {
    List<String> ids = new ArrayList<>();
    ((List<?>) answer.at("hits.hits"))
        .forEach(hit -> ids.add((String) ((Map<?, ?>) hit).get("_id")));
    return ids;
  }

  private static Rest.Answer search(RealNode node, String index, String body) {
    return node.rest().succeed("POST", "/" + index + "/_search", body);
  }

  private static long encoded(RealNode node) {
    Rest.Answer stats = node.rest().succeed("GET", "/_semlux/stats", "");
    Object first = ((Map<?, ?>) stats.at("nodes")).values().iterator().next();
    return ((Number) JsonPath.at(first, "models.field-exact.texts")).longValue();
  }

  static Stream<Arguments> places() {
    return Stream.of(
        Arguments.of("a field of its own", "body", "{\"body\":%s}", "{\"body\":\"%s\"}"),
        Arguments.of("an array", "body", "{\"body\":%s}", "{\"body\":[null,\"x\",\"%s\"]}"),
        Arguments.of(
            "beneath objects",
            "a.b",
            "{\"a\":{\"properties\":{\"b\":%s}}}",
            "{\"a\":{\"b\":\"%s\"}}"),
        Arguments.of(
            "an array of objects",
            "a.b",
            "{\"a\":{\"properties\":{\"b\":%s}}}",
            "{\"a\":[{\"b\":\"x\"},{\"b\":\"%s\"},{\"c\":1}]}"),
        Arguments.of(
            "copied to",
            "all",
            "{\"title\":{\"type\":\"text\",\"copy_to\":\"all\"},\"all\":%s}",
            "{\"title\":\"%s\",\"all\":\"y\"}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("places")
  void standsWhereverTextDoes(
      String place, String field, String properties, String document, RealNode node) {
    create(node, "field-one", "", properties.formatted(FIELD));
    String river = document.formatted(RIVER);
    put(node, "field-one", "river", river);
    put(node, "field-one", "bread", document.formatted(BREAD));

    Rest.Answer found =
        search(
            node,
            "field-one",
            "{\"query\":%s,\"highlight\":{\"number_of_fragments\":1,\"fields\":{\"%s\":{}}},\"fields\":[{\"field\":\"%s\",\"format\":\"chunks\"}]}"
                .formatted(query(field, RIVER), field, field));

    assertThat(ids(found)).containsExactly("river", "bread");
    assertThat((Double) found.at("hits.hits.0._score")).isEqualTo(1, within(1e-3));
    assertThat(found.at("hits.hits.0._source")).isEqualTo(Rest.JSON.fromJson(river, Object.class));
    Map<?, ?> highlight = (Map<?, ?>) found.at("hits.hits.0.highlight");
    assertThat(highlight.get(field)).isEqualTo(List.of(RIVER));
    Map<?, ?> fields = (Map<?, ?>) found.at("hits.hits.0.fields");
    assertThat(fields.get(field).toString()).contains("text=" + RIVER);
  }

  /** Each way of writing leaves the vectors of the text that stands there. */
  @Test
  void everyWriteKeepsTextAndVectorsTogether(RealNode node) {
    write(node, "field-one", "stored");
    write(node, "field-two", "synthetic");
    node.restart(Map.of());
    Rest rest = node.rest();
    rest.succeed("GET", "/_cluster/health/field-*?wait_for_status=green&timeout=60s", "");
    rest.succeed("POST", "/_semlux/models/field-exact/_deploy?timeout=60s", "");
    for (String index : List.of("field-one", "field-two")) {
      assertFound(node, index, Map.of("1", "uno", "2", "due", "4", "four"));
    }
  }

  private static void write(RealNode node, String index, String source) {
    Rest rest = node.rest();
    create(
        node,
        index,
        ",\"index.mapping.source.mode\":\"" + source + "\"",
        "{\"body\":%s,\"other\":{\"type\":\"integer\"}}".formatted(FIELD));
    String bulk =
        """
        {"index":{"_id":"1"}}
        {"body":"one"}
        {"create":{"_id":"2"}}
        {"body":"two"}
        {"update":{"_id":"3"}}
        {"doc":{"body":"three"},"doc_as_upsert":true}
        {"update":{"_id":"4"}}
        {"doc":{"body":"no"},"upsert":{"body":"four"}}
        {"update":{"_id":"1"}}
        {"doc":{"body":"uno"}}
        {"update":{"_id":"1"}}
        {"doc":{"other":1}}
        {"index":{"_id":"5"}}
        {"body":"five"}
        {"update":{"_id":"5"}}
        {"doc":{"body":"cinque"}}
        {"delete":{"_id":"5"}}
        {"update":{"_id":"6"}}
        {"doc":{"body":"absent"}}
        """;
    Rest.Answer answer = rest.succeed("POST", "/" + index + "/_bulk?refresh=true", bulk);
    List<Object> statuses = new ArrayList<>();
    ((List<?>) answer.at("items"))
        .forEach(
            item ->
                statuses.add(
                    ((Map<?, ?>) ((Map<?, ?>) item).values().iterator().next()).get("status")));
    assertThat(statuses)
        .containsExactly(201L, 201L, 201L, 201L, 200L, 200L, 201L, 200L, 200L, 404L);
    assertFound(node, index, Map.of("1", "uno", "2", "two", "3", "three", "4", "four"));

    long before = encoded(node);
    rest.succeed("POST", "/" + index + "/_update/2?refresh=true", "{\"doc\":{\"other\":2}}");
    rest.succeed("POST", "/" + index + "/_update/2?refresh=true", "{\"doc\":{\"body\":\"two\"}}");
    assertThat(encoded(node)).as("unchanged").isEqualTo(before);
    rest.succeed("POST", "/" + index + "/_update/2?refresh=true", "{\"doc\":{\"body\":\"due\"}}");
    rest.succeed("POST", "/" + index + "/_update/3?refresh=true", "{\"doc\":{\"body\":null}}");
    rest.succeed("POST", "/" + index + "/_forcemerge?max_num_segments=1", "");
    assertFound(node, index, Map.of("1", "uno", "2", "due", "4", "four"));
  }

  /** Each text finds its own document with a score of 1, and there are no others. */
  private static void assertFound(RealNode node, String index, Map<String, String> texts) {
    texts.forEach(
        (id, text) -> {
          Rest.Answer found = search(node, index, "{\"query\":" + query("body", text) + "}");
          assertThat(found.at("hits.hits.0._id")).as(found.toString()).isEqualTo(id);
          assertThat((Double) found.at("hits.hits.0._score")).isEqualTo(1, within(1e-3));
          assertThat(found.at("hits.hits.0._source.body")).isEqualTo(text);
          assertThat(((Map<?, ?>) found.at("hits.hits.0._source")).containsKey("_semlux"))
              .isFalse();
          assertThat(ids(found)).hasSameElementsAs(texts.keySet());
        });
  }

  static Stream<Arguments> searches() {
    String semlux = query("body", BREAD);
    String matchAll = "{\"match_all\":{}}";
    String rerank =
        """
        {"retriever":{"semlux_rerank":{"model_id":"field-cross","field":"body","query":"%s",
         "retriever":{"standard":{"query":%s}}}}}"""
            .formatted(BREAD, semlux);
    return Stream.of(
        Arguments.of("alone", "{\"query\":" + semlux + "}"),
        Arguments.of(
            "bool",
            "{\"query\":{\"bool\":{\"should\":[%s,{\"match\":{\"title\":\"nothing\"}}]}}}"
                .formatted(semlux)),
        Arguments.of("retriever", "{\"retriever\":{\"standard\":{\"query\":" + semlux + "}}}"),
        Arguments.of(
            "fusion",
            "{\"retriever\":{\"semlux_fusion\":{\"retrievers\":[{\"standard\":{\"query\":%s}},{\"standard\":{\"query\":{\"match\":{\"title\":\"bread\"}}}}]}}}"
                .formatted(semlux)),
        Arguments.of("rerank", rerank),
        Arguments.of(
            "rescore",
            "{\"query\":%s,\"rescore\":{\"window_size\":50,\"query\":{\"rescore_query\":%s}}}"
                .formatted(matchAll, semlux)),
        Arguments.of(
            "filter",
            "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"%s\",\"k\":1,\"filter\":{\"term\":{\"tag\":\"food\"}}}}}"
                .formatted(RIVER)),
        Arguments.of("explain", "{\"explain\":true,\"query\":" + semlux + "}"),
        Arguments.of(
            "inner hits",
            "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"%s\",\"k\":10,\"inner_hits\":{\"size\":1,\"_source\":false,\"docvalue_fields\":[\"body.chunks.start\",\"body.chunks.end\"]}}}}"
                .formatted(BREAD)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("searches")
  void everyWayOfSearching(String way, String body, RealNode node) {
    notes(node, "field-exact");
    Rest.Answer found = search(node, "field-one", body);
    assertThat(found.at("_shards.failed")).as(found.toString()).isEqualTo(0L);
    if (!way.equals("rerank")) { // by a model with random weights
      assertThat(ids(found).get(0)).as(found.toString()).isEqualTo("bread");
    }
    if (way.equals("explain")) {
      assertThat((Double) found.at("hits.hits.0._explanation.value")).isEqualTo(1, within(1e-3));
    }
    if (way.equals("inner hits")) {
      assertThat(
              found.at(
                  "hits.hits.0.inner_hits.body\u0000chunks.hits.hits.0._score"
                      .replace('\u0000', '.')))
          .isNull(); // a path with a dot in a name: looked up below
      Map<?, ?> inner = (Map<?, ?>) found.at("hits.hits.0.inner_hits");
      assertThat(inner.keySet().toString()).isEqualTo("[body.chunks]");
      assertThat(inner.toString()).contains("body.chunks.end=[20]");
    }
  }

  private static void notes(RealNode node, String model) {
    create(
        node,
        "field-one",
        "",
        "{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"%s\"},\"title\":{\"type\":\"text\"},\"tag\":{\"type\":\"keyword\"}}"
            .formatted(model));
    put(
        node,
        "field-one",
        "river",
        "{\"body\":\"%s\",\"title\":\"river\",\"tag\":\"water\"}".formatted(RIVER));
    put(
        node,
        "field-one",
        "bread",
        "{\"body\":\"%s\",\"title\":\"bread\",\"tag\":\"food\"}".formatted(BREAD));
  }

  @Test
  void otherApisTakeTheQuery(RealNode node) {
    notes(node, "field-exact");
    Rest rest = node.rest();
    String body = "{\"query\":" + query("body", BREAD) + "}";
    assertThat(rest.succeed("POST", "/field-one/_count", body).at("count")).isEqualTo(2L);
    assertThat(rest.succeed("POST", "/field-one/_validate/query", body).at("valid"))
        .isEqualTo(true);
    assertThat(rest.succeed("POST", "/field-one/_explain/bread", body).at("matched"))
        .isEqualTo(true);
    Rest.Answer many =
        rest.succeed("POST", "/field-one/_msearch", "{}\n" + body + "\n{}\n" + body + "\n");
    assertThat(many.at("responses.1.hits.hits.0._id")).isEqualTo("bread");
    Object pit = rest.succeed("POST", "/field-one/_pit?keep_alive=1m", "").at("id");
    Rest.Answer found =
        rest.succeed(
            "POST",
            "/_search",
            "{\"pit\":{\"id\":\"%s\"},\"query\":%s}".formatted(pit, query("body", BREAD)));
    assertThat(ids(found)).containsExactly("bread", "river");
    rest.succeed(
        "POST",
        "/_aliases",
        "{\"actions\":[{\"add\":{\"index\":\"field-one\",\"alias\":\"field-food\",\"filter\":{\"term\":{\"tag\":\"food\"}}}}]}");
    String best =
        "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"%s\",\"k\":1}}}".formatted(RIVER);
    assertThat(ids(search(node, "field-food", best))).containsExactly("bread");
  }

  @Test
  void indicesWithOtherModelsAreSearchedAtOnce(RealNode node) {
    notes(node, "field-exact");
    create(
        node,
        "field-two",
        "",
        "{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"field-sparse\"}}");
    put(node, "field-two", "bread-two", "{\"body\":\"%s\"}".formatted(BREAD));
    Rest.Answer found =
        search(
            node,
            "field-one,field-two",
            "{\"query\":%s,\"highlight\":{\"fields\":{\"body\":{}}}}"
                .formatted(query("body", BREAD)));
    assertThat(ids(found)).containsExactlyInAnyOrder("bread", "river", "bread-two");
    assertThat(found.toString()).contains("highlight={body=[" + BREAD + "]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"semlux\":{\"field\":\"title\",\"query\":\"x\"}} | must be of type [semlux_text], not [text]",
        "{\"semlux\":{\"field\":\"body\",\"query\":\" \"}} | [query] is blank",
        "{\"semlux\":{\"field\":\"body\",\"query\":\"x\",\"k\":0}} | [k] must be at least 1",
        "{\"term\":{\"body\":\"x\"}} | is searched by a [semlux] query",
        "{\"multi_match\":{\"query\":\"x\",\"fields\":\"body\",\"type\":\"cross_fields\"}} | is searched by a [semlux] query",
      })
  void whatCannotBeSearchedSaysWhy(String query, String reason, RealNode node) {
    notes(node, "field-exact");
    Rest.Answer answer =
        node.rest().call("POST", "/field-one/_search", "{\"query\":" + query + "}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.toString()).contains(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"b\":{\"type\":\"semlux_text\"}} | needs a [model_id]",
        "{\"n\":{\"type\":\"nested\",\"properties\":{\"b\":{\"type\":\"semlux_text\",\"model_id\":\"m\"}}}} | cannot be within a [nested] object",
        "{\"b\":{\"type\":\"semlux_text\",\"model_id\":\"m\",\"chunking\":{\"size\":9}}} | needs a [strategy]",
        "{\"b\":{\"type\":\"semlux_text\",\"model_id\":\"m\",\"pruning\":{\"best\":9}}} | unknown parameters [best]",
        "{\"b\":{\"type\":\"semlux_chunks\"}} | are Semlux's own",
      })
  void whatCannotBeMappedSaysWhy(String properties, String reason, RealNode node) {
    Rest.Answer answer =
        node.rest().call("PUT", "/field-bad", "{\"mappings\":{\"properties\":" + properties + "}}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.toString()).contains(reason);
  }

  /** The best chunks are scored, and the one that won is the highlight. */
  @Test
  void rerankReadsTheBestChunksAlone(RealNode node) {
    create(node, "field-one", "", "{\"body\":%s,\"title\":{\"type\":\"text\"}}".formatted(FIELD));
    List<String> texts = List.of(RIVER, BREAD, "Snow falls in winter.", "The dog sleeps.");
    String document = Rest.JSON.toJson(Map.of("body", texts));
    put(node, "field-one", "1", document);
    put(node, "field-one", "2", "{\"body\":\"Snow falls.\"}");
    String rerank =
        """
        {"retriever":{"semlux_rerank":{"model_id":"field-cross","field":"%s","query":"%s","chunks":2,
         "retriever":{"standard":{"query":{"match_all":{}}}}}},"highlight":{"fields":{"body":{}}}}""";
    Rest.Answer all =
        node.rest()
            .succeed(
                "POST",
                "/_semlux/models/field-cross/_rerank",
                Rest.JSON.toJson(Map.of("query", BREAD, "documents", texts)));
    Map<String, Double> scores = new HashMap<>();
    for (Object result : (List<?>) all.at("results")) {
      int index = Math.toIntExact((Long) JsonPath.at(result, "index"));
      scores.put(texts.get(index), ((Number) JsonPath.at(result, "score")).doubleValue());
    }

    Rest.Answer found = search(node, "field-one", rerank.formatted("body", BREAD));

    int place = ids(found).indexOf("1");
    String won = (String) found.at("hits.hits." + place + ".highlight.body.0");
    List<String> best = bestChunks(node, 2);
    assertThat(best).hasSize(2).contains(BREAD);
    String expected = best.stream().max(Comparator.comparing(scores::get)).get();
    assertThat(won).as(found.toString()).isEqualTo(expected);
    assertThat((Double) found.at("hits.hits." + place + "._score"))
        .isEqualTo(scores.get(expected), within(1e-4));
    Rest.Answer refused =
        node.rest().call("POST", "/field-one/_search", rerank.formatted("title", BREAD));
    assertThat(refused.toString()).contains("must be of type [semlux_text], not [text]");
  }

  private static List<String> bestChunks(RealNode node, int count) {
    Rest.Answer found =
        search(
            node,
            "field-one",
            "{\"query\":%s,\"highlight\":{\"order\":\"score\",\"number_of_fragments\":%s,\"fields\":{\"body\":{}}}}"
                .formatted(query("body", BREAD), count));
    Object texts = found.at("hits.hits." + ids(found).indexOf("1") + ".highlight.body");
    return ((List<?>) texts).stream().map(String::valueOf).toList();
  }

  /** Two copies of the best document, and another: the copy goes last, of a vector field too. */
  @ParameterizedTest
  @ValueSource(strings = "field-exact")
  void copiesOfADocumentGoLast(String model, RealNode node) {
    notes(node, model);
    put(node, "field-one", "copy", "{\"body\":\"%s\"}".formatted(BREAD));
    String spread =
        """
        {"retriever":{"semlux_diversify":{"field":"body","lambda":%s,
         "retriever":{"standard":{"query":%s}}}},"explain":true}""";
    Rest.Answer found = search(node, "field-one", spread.formatted("0.2", query("body", BREAD)));
    assertThat(ids(found).get(1)).as(found.toString()).isEqualTo("river");
    assertThat(ids(found)).contains("bread", "copy").hasSize(3);
    assertThat(found.toString()).contains("less the rest of 1 times likeness");
    found = search(node, "field-one", spread.formatted("1", query("body", BREAD)));
    assertThat(ids(found).get(2)).as(found.toString()).isEqualTo("river");
    Rest.Answer text =
        node.rest()
            .call(
                "POST",
                "/field-one/_search",
                spread
                    .formatted("1", "{\"match_all\":{}}")
                    .replace("\"field\":\"body\"", "\"field\":\"title\""));
    assertThat(text.status()).as(text.toString()).isEqualTo(400);
    assertThat(text.toString()).contains("has no vectors in field [title]: it holds a text");
  }

  @Test
  void aMissingModelFailsItsItemAlone(RealNode node) {
    create(
        node,
        "field-one",
        "",
        "{\"body\":%s,\"lost\":{\"type\":\"semlux_text\",\"model_id\":\"absent\"}}"
            .formatted(FIELD));
    Rest.Answer answer =
        node.rest()
            .succeed(
                "POST",
                "/field-one/_bulk?refresh=true",
                """
                {"index":{"_id":"1"}}
                {"body":"one"}
                {"index":{"_id":"2"}}
                {"lost":"two"}
                {"index":{"_id":"3"}}
                {"body":{"an":"object"}}
                """);
    assertThat(answer.at("items.0.index.status")).isEqualTo(201L);
    assertThat(answer.at("items.1.index.status")).isEqualTo(404L);
    assertThat(answer.toString()).contains("no model [absent]");
    assertThat(answer.at("items.2.index.status")).isEqualTo(400L);
  }
}
