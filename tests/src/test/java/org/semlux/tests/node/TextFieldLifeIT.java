package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.encoders.api.Precision;

/**
 * What happens to indices with {@code semlux_text} fields in their lives: templates, rollovers,
 * copies, snapshots; and fields that stand elsewhere than at the root. What the node's distribution
 * lacks (scripts, data streams) is tried in {@code TextFieldLifeTests}.
 */
@OnRealNode
class TextFieldLifeIT {
  private static final String FIELD = "{\"type\":\"semlux_text\",\"model_id\":\"life\"}";
  private static final String MAPPED = "{\"properties\":{\"body\":" + FIELD + "}}";
  private static final String SETTINGS = "{\"number_of_shards\":3,\"number_of_replicas\":0}";

  private static Rest rest;

  @BeforeAll
  static void deploy(RealNode node) {
    rest = node.rest();
    node.deploy(RealNode.MODEL, "life", Precision.FLOAT32);
  }

  @AfterAll
  static void clean() {
    removeAll();
    rest.succeed("DELETE", "/_semlux/models/life?force=true", "");
  }

  @BeforeEach
  void begin() {
    removeAll();
  }

  private static void removeAll() {
    rest.call("DELETE", "/_index_template/life", "");
    rest.call("DELETE", "/_component_template/life-field", "");
    rest.call(
        "DELETE", "/life,life-two,life-logs-000001,life-logs-000002?ignore_unavailable=true", "");
  }

  private static void create(String index, String mappings) {
    rest.succeed(
        "PUT", "/" + index, "{\"settings\":%s,\"mappings\":%s}".formatted(SETTINGS, mappings));
  }

  private static void put(String index, String id, String document) {
    rest.succeed("PUT", "/" + index + "/_doc/" + id + "?refresh=true", document);
  }

  private static String query(String field, String text) {
    return "{\"semlux\":{\"field\":\"%s\",\"query\":\"%s\",\"k\":10}}".formatted(field, text);
  }

  /** A text finds its own document first, with a score of 1: so its vector is that of the text. */
  private static Rest.Answer assertFound(String index, String field, String text, String id) {
    Rest.Answer found =
        rest.succeed(
            "POST",
            "/" + index + "/_search",
            "{\"query\":%s,\"highlight\":{\"number_of_fragments\":1,\"fields\":{\"%s\":{}}}}"
                .formatted(query(field, text), field));
    assertThat(found.at("hits.hits.0._id")).as(found.toString()).isEqualTo(id);
    assertThat((Double) found.at("hits.hits.0._score"))
        .as(found.toString())
        .isEqualTo(1, within(1e-3));
    assertThat(((Map<?, ?>) found.at("hits.hits.0.highlight")).get(field)).isEqualTo(List.of(text));
    assertThat(((Map<?, ?>) found.at("hits.hits.0._source")).containsKey("_semlux")).isFalse();
    return found;
  }

  private static long encoded() {
    Rest.Answer stats = rest.succeed("GET", "/_semlux/stats", "");
    Object first = ((Map<?, ?>) stats.at("nodes")).values().iterator().next();
    return ((Number) JsonPath.at(first, "models.life.texts")).longValue();
  }

  static Stream<Arguments> places() {
    String ab = "{\"properties\":{\"a\":{\"properties\":{\"b\":" + FIELD + "}}}}";
    String dotted = "{\"properties\":{\"a.b\":" + FIELD + "}}";
    String flat = "{\"subobjects\":false,\"properties\":{\"a.b\":" + FIELD + "}}";
    String multi =
        "{\"properties\":{\"t\":{\"type\":\"text\",\"fields\":{\"meaning\":" + FIELD + "}}}}";
    String template =
        "{\"dynamic_templates\":[{\"texts\":{\"match_mapping_type\":\"string\",\"match\":\"*_text\",\"mapping\":%s}}]}"
            .formatted(FIELD);
    return Stream.of(
        Arguments.of("dots in the document", "a.b", ab, "{\"a.b\":\"%s\"}"),
        Arguments.of("dots in the mapping", "a.b", dotted, "{\"a\":{\"b\":\"%s\"}}"),
        Arguments.of("dots in both", "a.b", dotted, "{\"a.b\":[\"x\",\"%s\"]}"),
        Arguments.of("dots without objects", "a.b", flat, "{\"a.b\":\"%s\"}"),
        Arguments.of("a multi-field", "t.meaning", multi, "{\"t\":\"%s\"}"),
        Arguments.of("a multi-field of an array", "t.meaning", multi, "{\"t\":[\"x\",\"%s\"]}"),
        Arguments.of("a dynamic template", "b_text", template, "{\"b_text\":\"%s\"}"),
        Arguments.of(
            "a dynamic template within objects",
            "o.b_text",
            template,
            "{\"o\":{\"b_text\":\"%s\"}}"));
  }

  /** Written, updated in a bulk and by itself, cut in place: text and vector stay together. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("places")
  void standsThereThroughUpdates(String place, String field, String mappings, String document) {
    create("life", mappings);
    put("life", "1", document.formatted("one text"));
    put("life", "2", document.formatted("something else"));
    assertFound("life", field, "one text", "1");
    Rest.Answer bulk =
        rest.succeed(
            "POST",
            "/life/_bulk?refresh=true",
            Rest.lines(
                List.of(
                    "{\"update\":{\"_id\":\"2\"}}",
                    "{\"doc\":" + document.formatted("by bulk") + "}",
                    "{\"update\":{\"_id\":\"3\"}}",
                    "{\"doc_as_upsert\":true,\"doc\":" + document.formatted("a third") + "}")));
    assertThat(bulk.at("errors")).as(bulk.toString()).isEqualTo(false);
    assertFound("life", field, "by bulk", "2");
    assertFound("life", field, "a third", "3");
    long before = encoded();
    rest.succeed("POST", "/life/_update/1?refresh=true", "{\"doc\":{\"other\":1}}");
    assertThat(encoded()).as("the text is the same").isEqualTo(before);
    rest.succeed("POST", "/life/_forcemerge?max_num_segments=1", "");
    assertFound("life", field, "one text", "1");
  }

  /** A multi-field beside a source that is made of what the index holds. */
  @Test
  void aMultiFieldStandsWithSyntheticSource() {
    rest.succeed(
        "PUT",
        "/life",
        """
        {"settings":{"index.mapping.source.mode":"synthetic"},"mappings":{"properties":{
         "t":{"type":"text","fields":{"meaning":%s}}}}}"""
            .formatted(FIELD));
    put("life", "1", "{\"t\":\"one text\"}");
    Rest.Answer found = assertFound("life", "t.meaning", "one text", "1");
    assertThat(found.at("hits.hits.0._source.t")).isEqualTo("one text");
    rest.succeed("POST", "/life/_update/1?refresh=true", "{\"doc\":{\"t\":\"another\"}}");
    assertFound("life", "t.meaning", "another", "1");
  }

  @Test
  void templatesMapTheField() {
    rest.succeed(
        "PUT", "/_component_template/life-field", "{\"template\":{\"mappings\":" + MAPPED + "}}");
    rest.succeed(
        "PUT",
        "/_index_template/life",
        """
        {"index_patterns":["life-two"],"composed_of":["life-field"],"priority":900,
         "template":{"settings":%s}}"""
            .formatted(SETTINGS));
    put("life-two", "1", "{\"body\":\"one text\"}");
    assertFound("life-two", "body", "one text", "1");
  }

  @Test
  void aliasesAreWrittenAndRolledOver() {
    rest.succeed(
        "PUT",
        "/life-logs-000001",
        "{\"settings\":%s,\"mappings\":%s,\"aliases\":{\"life-logs\":{\"is_write_index\":true}}}"
            .formatted(SETTINGS, MAPPED));
    put("life-logs", "1", "{\"body\":\"old\"}");
    rest.succeed("POST", "/life-logs/_rollover", "{\"mappings\":" + MAPPED + "}");
    put("life-logs", "2", "{\"body\":\"new\"}");
    assertFound("life-logs", "body", "old", "1");
    assertFound("life-logs", "body", "new", "2");
  }

  @ParameterizedTest
  @CsvSource({"_split, 6", "_clone, 3", "_shrink, 1"})
  void copiesOfAnIndexHaveItsVectors(String way, int shards) {
    create("life", MAPPED);
    put("life", "1", "{\"body\":[\"one text\",\"more\"]}");
    put("life", "2", "{\"body\":\"two\"}");
    rest.succeed("PUT", "/life/_settings", "{\"index.blocks.write\":true}");
    long before = encoded();
    rest.succeed(
        "POST",
        "/life/" + way + "/life-two",
        "{\"settings\":{\"index.number_of_shards\":%s,\"index.number_of_replicas\":0,\"index.blocks.write\":null}}"
            .formatted(shards));
    rest.succeed("GET", "/_cluster/health/life-two?wait_for_status=green&timeout=60s", "");
    assertThat(encoded()).isEqualTo(before);
    assertFound("life-two", "body", "one text", "1");
    rest.succeed("POST", "/life-two/_update/2?refresh=true", "{\"doc\":{\"body\":\"zwei\"}}");
    assertFound("life-two", "body", "zwei", "2");
  }

  @Test
  void snapshotsKeepVectors(RealNode node) {
    create("life", MAPPED);
    put("life", "1", "{\"body\":\"one text\"}");
    String location = node.repository().toString();
    rest.succeed(
        "PUT",
        "/_snapshot/life",
        "{\"type\":\"fs\",\"settings\":{\"location\":\"%s\"}}".formatted(location));
    rest.succeed(
        "PUT",
        "/_snapshot/life/one?wait_for_completion=true",
        "{\"indices\":\"life\",\"include_global_state\":false}");
    rest.succeed("DELETE", "/life", "");
    long before = encoded();
    rest.succeed(
        "POST",
        "/_snapshot/life/one/_restore?wait_for_completion=true",
        "{\"indices\":\"life\",\"include_global_state\":false}");
    assertThat(encoded()).isEqualTo(before);
    assertFound("life", "body", "one text", "1");
    rest.succeed("POST", "/life/_update/1?refresh=true", "{\"doc\":{\"body\":\"after\"}}");
    assertFound("life", "body", "after", "1");
    rest.succeed("DELETE", "/_snapshot/life/one", "");
    rest.succeed("DELETE", "/_snapshot/life", "");
  }

  @Test
  void otherSearchesTakeTheQuery() {
    create("life", MAPPED);
    put("life", "1", "{\"body\":\"one text\",\"tag\":\"a\"}");
    put("life", "2", "{\"body\":\"two\",\"tag\":\"b\"}");
    String query = query("body", "one text");
    Rest.Answer after =
        rest.succeed(
            "POST",
            "/life/_search",
            "{\"query\":{\"match_all\":{}},\"post_filter\":{\"bool\":{\"must\":[%s],\"filter\":{\"term\":{\"tag.keyword\":\"b\"}}}}}"
                .formatted(query));
    assertThat(after.at("hits.total.value")).as(after.toString()).isEqualTo(1L);
    assertThat(after.at("hits.hits.0._id")).isEqualTo("2");
    Rest.Answer many =
        rest.succeed(
            "POST", "/_msearch", "{\"index\":\"life\"}\n{\"query\":" + query + "}\n".repeat(1));
    assertThat(many.at("responses.0.hits.hits.0._id")).as(many.toString()).isEqualTo("1");
  }

  @Test
  void searchesOfOtherClustersAreRefusedByName(RealNode node) {
    create("life", MAPPED);
    put("life", "1", "{\"body\":\"one text\"}");
    String seed = "127.0.0.1:" + transportPort();
    String settings = "{\"persistent\":{\"cluster.remote.self.seeds\":%s}}";
    rest.succeed("PUT", "/_cluster/settings", settings.formatted("[\"" + seed + "\"]"));
    try {
      String body = "{\"query\":" + query("body", "one text") + "}";
      for (String indices : List.of("self:life", "life,self:life")) {
        Rest.Answer answer = rest.call("POST", "/" + indices + "/_search", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.toString()).contains("not those of [self]");
      }
    } finally {
      rest.succeed("PUT", "/_cluster/settings", settings.formatted("null"));
    }
  }

  private static Object transportPort() {
    Rest.Answer nodes = rest.succeed("GET", "/_nodes/transport", "");
    Object first = ((Map<?, ?>) nodes.at("nodes")).values().iterator().next();
    String address = (String) JsonPath.at(first, "transport.publish_address");
    return address.substring(address.lastIndexOf(':') + 1);
  }
}
