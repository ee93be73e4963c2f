package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.semlux.tests.node.Rest.Answer;

/**
 * Bodies that are not what they should be, at every place that takes one: refused at once, the
 * sentence that says why first, short, and never as an error of the node.
 */
@OnRealNode
class BadRequestIT {
  private static final String MUCH = "x".repeat(1_000_000);
  private static final String HASH = "0".repeat(64);
  private static final String RERANK =
      """
      {"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
       "model_id":"cross","field":"text","query":"a"OPTIONS}}\
      """;
  private static final String RESCORE =
      """
      {"window_size":2,"semlux_cross_encoder":{"model_id":"cross","field":"text","query":"a"OPTIONS}}\
      """;
  private static final String SPARSE =
      """
      {"semlux_sparse":{"field":"terms","model_id":"sparse","query":"river"OPTIONS}}\
      """;
  private static final String KNN =
      """
      {"knn":{"field":"vector","k":2,"num_candidates":9,
       "query_vector_builder":{"semlux":{"model_id":"tiny","model_text":"a"}}}}\
      """;

  /** What is sent where, and what the first sentence of the answer holds. */
  private record Case(
      String name, String method, String path, String body, int status, String reason) {}

  @BeforeAll
  static void prepare(RealNode node) {
    node.deploy(RealNode.MODEL, "tiny");
    node.deploy(RealNode.golden("sparse-bert"), "sparse");
    node.deploy(RealNode.CROSS_MODEL, "cross");
    node.rest()
        .succeed(
            "PUT",
            "/bodies",
            """
            {"settings":{"number_of_shards":1,"number_of_replicas":0},"mappings":{"properties":{
             "text":{"type":"text","fields":{"raw":{"type":"keyword"}}},"terms":{"type":"sparse_vector"},
             "same":{"type":"alias","path":"text"},"year":{"type":"long"},"day":{"type":"date"},
             "ok":{"type":"boolean"},"share":{"type":"double"},"place":{"type":"geo_point"},
             "vector":{"type":"dense_vector","dims":32},
             "passages":{"type":"nested","properties":{"text":{"type":"text"},
              "notes":{"type":"nested","properties":{"text":{"type":"text"}}}}}}}}\
            """);
    node.rest()
        .succeed("PUT", "/others", "{\"mappings\":{\"properties\":{\"n\":{\"type\":\"long\"}}}}");
    List<Float> vector = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      vector.add(i + 1f);
    }
    node.rest()
        .succeed(
            "PUT",
            "/bodies/_doc/1?refresh=true",
            Rest.JSON.toJson(
                Map.of(
                    "text",
                    "a dog walks",
                    "year",
                    2024,
                    "day",
                    "2024-05-01",
                    "ok",
                    true,
                    "share",
                    0.5,
                    "place",
                    Map.of("lat", 1, "lon", 2),
                    "vector",
                    vector,
                    "terms",
                    Map.of("river", 1),
                    "passages",
                    List.of(
                        Map.of("text", "the rain", "notes", List.of(Map.of("text", "a cat"))),
                        Map.of("text", "the river")))));
  }

  @AfterAll
  static void clean(RealNode node) {
    node.rest().succeed("DELETE", "/bodies,others", "");
    for (String id : List.of("tiny", "sparse", "cross")) {
      node.rest().succeed("DELETE", "/_semlux/models/" + id + "?force=true", "");
    }
  }

  @TestFactory
  Stream<DynamicTest> refused(RealNode node) {
    return Stream.of(bodies(), manifests(), searches(), fields(), kept(), processors())
        .flatMap(List::stream)
        .map(one -> DynamicTest.dynamicTest(one.name, () -> assertRefused(node.rest(), one)));
  }

  private static void assertRefused(Rest rest, Case one) {
    Answer answer = rest.call(one.method, one.path, one.body);
    String said = String.valueOf(answer.at("error.reason"));
    assertThat(answer.status()).as(said).isEqualTo(one.status);
    assertThat(said).contains(one.reason).hasSizeLessThan(700).doesNotContain("/data/");
    assertThat(Rest.JSON.toJson(answer.body()).length()).isLessThan(6_000);
  }

  private static Case post(String name, String path, String body, String reason) {
    return new Case(name, "POST", path, body, 400, reason);
  }

  private static List<Case> bodies() {
    String encode = "/_semlux/models/tiny/_encode";
    String rerank = "/_semlux/models/cross/_rerank";
    String alias = "/_semlux/aliases/other";
    String long1 = "{\"texts\":[\"a\"],\"%s\":\"" + MUCH + "\"}";
    return List.of(
        post("encode: garbage behind", encode, "{\"texts\":[\"a\"]} x", "token 'x'"),
        post("encode: two", encode, "{\"texts\":[\"a\"]}{}", "something follows its JSON object"),
        post("encode: half", encode, "{\"texts\":[\"a\"", "end-of-input"),
        post("encode: null", encode, "{\"texts\":[null]}", "[texts]"),
        post("encode: object", encode, "{\"texts\":[{}]}", "[texts]"),
        post("encode: array", encode, "[]", "START_ARRAY"),
        post("encode: long key", encode, "{\"" + MUCH + "\":1}", "unknown field"),
        post("encode: prompt", encode, long1.formatted("prompt_name"), "there is no prompt [xx"),
        post("encode: type", encode, long1.formatted("input_type"), "[input_type] must be query"),
        post(
            "rerank: garbage behind",
            rerank,
            "{\"query\":\"a\",\"documents\":[\"a\"]},",
            "the request's body"),
        post(
            "rerank: top 1.5",
            rerank,
            "{\"query\":\"a\",\"documents\":[\"a\"],\"top_n\":1.5}",
            "[top_n] must be a whole number"),
        post(
            "rerank: no document", rerank, "{\"query\":\"a\",\"documents\":[null]}", "[documents]"),
        new Case("alias: garbage behind", "PUT", alias, "{\"model_id\":\"tiny\"}}", 400, "body"),
        new Case(
            "alias: long id", "PUT", alias, "{\"model_id\":\"" + MUCH + "\"}", 404, "no model [xx"),
        new Case(
            "alias: half a character",
            "PUT",
            alias,
            "{\"model_id\":\"\\ud800\"}",
            404,
            "there is no model [?]"),
        post(
            "reencode: batch 1.5",
            "/_semlux/_reencode",
            "{\"index\":\"bodies\",\"pipeline\":\"p\",\"batch_size\":1.5}",
            "[batch_size] must be a whole number"),
        new Case("stats", "GET", "/_semlux/stats?x=1", "", 400, "unrecognized parameter: [x]"));
  }

  private static Case manifest(String name, String path, String size, String hash, String reason) {
    String file =
        "{\"files\":[{\"path\":\"%s\",\"size\":%s,\"sha256\":\"%s\"}]}".formatted(path, size, hash);
    return new Case("manifest: " + name, "PUT", "/_semlux/models/bad", file, 400, reason);
  }

  private static List<Case> manifests() {
    return List.of(
        manifest("half a character", "a\\ud800", "1", HASH, "[path] [a?]"),
        manifest("the other half", "\\udc00b", "1", HASH, "[path] [?b]"),
        manifest("control character", "a\\u0000", "1", HASH, "[path] [a?]"),
        manifest("long path", MUCH, "1", HASH, "[path] has 1000000 characters"),
        manifest("a name of 300 bytes", "中".repeat(100), "1", HASH, "at most 255 bytes"),
        manifest("size 1.5", "a", "1.5", HASH, "[size] must be a whole number"),
        manifest("size \"1.5\"", "a", "\"1.5\"", HASH, "[size] must be a whole number"),
        manifest("size 1e30", "a", "1e30", HASH, "[size] must be a whole number"),
        manifest("size 2^62", "a", "4611686018427387904", HASH, "1 to 10000 are allowed"),
        manifest("hash", "a", "1", MUCH, "[sha256] of file [a]"));
  }

  /** Retrievers within each other, down to one that finds everything. */
  private static String nested(int depth) {
    String inner = "{\"standard\":{\"query\":{\"match_all\":{}}}}";
    for (int i = 0; i < depth; i++) {
      inner = RERANK.replace("{\"standard\":{\"query\":{\"match_all\":{}}}}", inner);
      inner = inner.replace("OPTIONS", "");
    }
    return "{\"retriever\":" + inner + "}";
  }

  private static Case search(String name, String body, String reason) {
    return post(name, "/bodies/_search", body, reason);
  }

  private static Case rerank(String option, String reason) {
    String name = "semlux_rerank: " + option.substring(0, Math.min(40, option.length()));
    return search(name, "{\"retriever\":" + RERANK.replace("OPTIONS", "," + option) + "}", reason);
  }

  private static List<Case> searches() {
    String rescore = RESCORE.replace("OPTIONS", "");
    String fusion = "{\"retriever\":{\"semlux_fusion\":{\"retrievers\":[%s]%s}}}";
    String reranked = RERANK.replace("OPTIONS", "");
    return List.of(
        search("retrievers nine deep", nested(9), "retrievers 9 deep, and at most 6"),
        search(
            "200 rescores",
            "{\"rescore\":[" + String.join(",", Collections.nCopies(200, rescore)) + "]}",
            "200 passes of a cross-encoder"),
        search(
            "eleven reranks",
            fusion.formatted(String.join(",", Collections.nCopies(11, reranked)), ""),
            "11 passes of a cross-encoder"),
        rerank("\"min_score\":\"NaN\"", "[min_score] must be a finite number, not NaN"),
        rerank("\"min_score\":\"-Infinity\"", "[min_score] must be a finite number"),
        rerank("\"min_score\":1e40", "[min_score] must be a finite number"),
        rerank("\"rank_window_size\":1.5", "[rank_window_size] must be a whole number"),
        rerank("\"scores\":\"" + MUCH + "\"", "[scores] must be activated or raw"),
        search(
            "fusion: min_score",
            fusion.formatted(reranked, ",\"min_score\":\"Infinity\""),
            "[min_score] must be a finite number"),
        search(
            "fusion: weights",
            fusion.formatted(reranked, ",\"weights\":[\"NaN\"]"),
            "[weights] must be one number of 0 or more"),
        search(
            "fusion: rank_constant",
            fusion.formatted(reranked, ",\"rank_constant\":1.5"),
            "[rank_constant] must be a whole number"),
        search(
            "rescore: weight",
            "{\"rescore\":" + RESCORE.replace("OPTIONS", ",\"query_weight\":\"NaN\"") + "}",
            "[query_weight] must be 0 or more"),
        new Case(
            "rescore: long id",
            "POST",
            "/bodies/_search",
            "{\"rescore\":" + rescore.replace("cross\"", MUCH + "\"") + "}",
            404,
            "there is no model [xx"),
        search(
            "rescore: wrong kind",
            "{\"rescore\":" + rescore.replace("\"cross\"", "\"tiny\"") + "}",
            "model [tiny] is of kind"),
        search("sparse: boost", sparse(",\"boost\":\"NaN\""), "[boost] must be a finite number"),
        search("sparse: idf", sparse(",\"idf\":\"NaN\""), "[idf] must be an exponent"),
        search(
            "sparse: pruning",
            sparse(",\"pruning_config\":{\"tokens_weight_threshold\":\"NaN\"}"),
            "[pruning_config]"),
        search(
            "sparse: field", sparse("").replace("\"terms\"", "\"day\""), "field [day] must be of"),
        search(
            "knn: field",
            KNN.replace("\"vector\"", "\"text\""),
            "[knn] queries are only supported on [dense_vector] fields"));
  }

  private static String sparse(String options) {
    return "{\"query\":" + SPARSE.replace("OPTIONS", options) + "}";
  }

  /** Fields that say nothing, for both ways of reranking. */
  private static List<Case> fields() {
    List<Case> cases = new ArrayList<>();
    for (String way : List.of("{\"retriever\":" + RERANK + "}", "{\"rescore\":" + RESCORE + "}")) {
      String body = way.replace("OPTIONS", "");
      Map.of(
              "\"txet\"", "names [txet]",
              "[\"text\",\"txet\"]", "names [txet]",
              "\"passages.txet\"", "names [passages.txet]",
              "\"passages\"", "names [passages]",
              "\"vector\"", "names [vector]",
              "\"place\"", "field [place] holds no text",
              "\"*\"", "[*] is a pattern",
              "\"te*\"", "[te*] is a pattern")
          .forEach(
              (field, reason) ->
                  cases.add(
                      search(
                          (way.contains("retriever") ? "rerank " : "rescore ") + field,
                          body.replace("\"text\"", field),
                          reason)));
    }
    return cases;
  }

  /** Where Elasticsearch keeps a query, no text can wait for its encoding. */
  private static List<Case> kept() {
    List<Case> cases = new ArrayList<>();
    for (String query : List.of(SPARSE.replace("OPTIONS", ""), KNN)) {
      String name = query.startsWith("{\"knn") ? "knn" : "sparse";
      String add =
          "{\"actions\":[{\"add\":{\"index\":\"bodies\",\"alias\":\"some\",\"filter\":%s}}]}";
      String within = "{\"bool\":{\"must\":[" + query + "]}}";
      String aliases = "{\"aliases\":{\"some\":{\"filter\":" + query + "}},\"mappings\":";
      String mappings =
          "{\"properties\":{\"terms\":{\"type\":\"sparse_vector\"},"
              + "\"vector\":{\"type\":\"dense_vector\",\"dims\":32}}}}";
      String reason = "an alias's filter, and whatever else Elasticsearch keeps as a query";
      cases.add(post(name + " in an alias", "/_aliases", add.formatted(query), reason));
      cases.add(post(name + " within", "/_aliases", add.formatted(within), reason));
      cases.add(new Case(name + " at creation", "PUT", "/made", aliases + mappings, 400, reason));
      cases.add(
          new Case(
              name + " in a template",
              "PUT",
              "/_index_template/made",
              "{\"index_patterns\":[\"made\"],\"template\":" + aliases + mappings + "}",
              400,
              reason));
    }
    return cases;
  }

  private static List<Case> processors() {
    List<Case> cases = new ArrayList<>();
    Map.of(
            "\"model_id\":\"\\ud800\"",
            "[?] holds half of a character",
            "\"model_id\":\"tiny\",\"description\":\"\\udc00\"",
            "half of a character",
            "\"model_id\":\"tiny\",\"input_type\":\"" + MUCH + "\"",
            "[input_type] must be query",
            "\"model_id\":\"tiny\",\"chunking\":{\"strategy\":\"words\",\"size\":1.5}",
            "[size]",
            "\"model_id\":\"tiny\",\"pruning\":{\"min_ratio\":\"NaN\"}",
            "ratio NaN")
        .forEach(
            (option, reason) ->
                cases.add(
                    new Case(
                        "processor: " + option.substring(0, Math.min(60, option.length())),
                        "PUT",
                        "/_ingest/pipeline/bad",
                        "{\"processors\":[{\"semlux\":{%s,\"input_output\":[{\"input_field\":\"a\",\"output_field\":\"b\"}]}}]}"
                            .formatted(option),
                        400,
                        reason)));
    return cases;
  }

  /** Six deep is fine, and so is each of ten passes. */
  @Test
  void whatKeepsTheBoundsIsAnswered(RealNode node) {
    node.rest().succeed("POST", "/bodies/_search", nested(6));
    String ten = String.join(",", Collections.nCopies(10, RESCORE.replace("OPTIONS", "")));
    node.rest().succeed("POST", "/bodies/_search", "{\"rescore\":[" + ten + "]}");
  }

  /** A field's string form is the one that a search shows, whatever its type and wherever it is. */
  @Test
  void everyFieldIsReadAsItIsShown(RealNode node) {
    Map<String, String> shown =
        Map.of(
            "\"text\"", "a dog walks",
            "\"text.raw\"", "a dog walks",
            "\"same\"", "a dog walks",
            "\"passages.text\"", "the rain\nthe river",
            "\"passages.notes.text\"", "a cat",
            "\"year\"", "2024",
            "\"day\"", "2024-05-01T00:00:00.000Z",
            "\"ok\"", "true",
            "\"share\"", "0.5",
            "[\"text\",\"year\",\"ok\"]", "a dog walks\n2024\ntrue");
    shown.forEach(
        (field, text) -> {
          double expected = score(node, text);
          String reranked = RERANK.replace("OPTIONS", "").replace("\"text\"", field);
          assertThat(best(node, "bodies", "{\"retriever\":" + reranked + "}"))
              .as(field)
              .isEqualTo(expected);
          String rescored =
              RESCORE.replace("OPTIONS", ",\"query_weight\":0").replace("\"text\"", field);
          assertThat(best(node, "bodies", "{\"rescore\":" + rescored + "}"))
              .as(field)
              .isEqualTo(expected);
        });
    // An index that lacks the field has documents without text.
    String both = "{\"retriever\":" + RERANK.replace("OPTIONS", "") + "}";
    assertThat(best(node, "bodies,others", both)).isEqualTo(score(node, "a dog walks"));
  }

  private static double best(RealNode node, String indices, String body) {
    Answer found = node.rest().succeed("POST", "/" + indices + "/_search", body);
    assertThat(found.at("_shards.failed")).as(found.toString()).isEqualTo(0L);
    return ((Number) found.at("hits.hits.0._score")).doubleValue();
  }

  private static double score(RealNode node, String text) {
    String body = Rest.JSON.toJson(Map.of("query", "a", "documents", List.of(text)));
    Answer scored = node.rest().succeed("POST", "/_semlux/models/cross/_rerank", body);
    return ((Number) scored.at("results.0.score")).doubleValue();
  }

  /** Where Elasticsearch waits for a query's rewriting, its text is encoded. */
  @Test
  void everyOtherPlaceTakesAQuerysText(RealNode node) {
    for (String query : List.of(SPARSE.replace("OPTIONS", ""), KNN)) {
      String filter = "{\"size\":0,\"aggs\":{\"some\":{\"filter\":" + query + "}}}";
      String filters =
          "{\"size\":0,\"aggs\":{\"some\":{\"filters\":{\"filters\":{\"a\":" + query + "}}}}}";
      String highlight =
          "{\"highlight\":{\"fields\":{\"text\":{\"highlight_query\":" + query + "}}}}";
      for (String body :
          List.of(
              filter,
              filters,
              highlight,
              "{\"post_filter\":" + query + "}",
              "{\"rescore\":{\"query\":{\"rescore_query\":" + query + "}}}")) {
        Answer found = node.rest().succeed("POST", "/bodies/_search", body);
        assertThat(found.at("_shards.failed")).as(body).isEqualTo(0L);
      }
      String one = "{\"query\":" + query + "}";
      Answer valid = node.rest().succeed("POST", "/bodies/_validate/query?rewrite=true", one);
      assertThat(valid.at("valid")).isEqualTo(true);
      node.rest().succeed("POST", "/bodies/_explain/1", one);
      node.rest().succeed("POST", "/bodies/_count", one);
      node.rest()
          .succeed("POST", "/bodies/_field_caps?fields=text", "{\"index_filter\":" + query + "}");
    }
  }
}
