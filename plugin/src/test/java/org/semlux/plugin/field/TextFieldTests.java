package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.query.SparseGolden;

/** The field on two nodes with replicas, from mapping to search, against what the model answers. */
public class TextFieldTests extends TwoNodesTestCase {
  private static final String INDEX = "notes";
  private static final String FIELD =
      "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}";

  private void create(String mapping, Settings settings) throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    prepareCreate(INDEX)
        .setSettings(
            Settings.builder()
                .put("number_of_shards", 3)
                .put("number_of_replicas", 1)
                .put(settings))
        .setMapping(mapping)
        .get();
    ensureGreen(INDEX);
  }

  private static QueryBuilder query(String text) {
    return QueryBuilders.wrapperQuery(
        "{\"semlux\":{\"field\":\"body\",\"query\":\"" + text + "\",\"k\":20}}");
  }

  private static void put(String id, Object text) {
    Map<String, Object> source = new HashMap<>();
    source.put("body", text);
    prepareIndex(INDEX).setId(id).setSource(source).setRefreshPolicy(RefreshPolicy.IMMEDIATE).get();
  }

  private static float[] encode(String text) {
    return encode(text, InputType.DOCUMENT);
  }

  private static float[] encode(String text, InputType type) {
    Encoding encoding =
        client()
            .execute(
                EncodeAction.TYPE,
                new EncodeAction.Request(
                    "tiny", List.of(text), Optional.of(type), Optional.empty()))
            .actionGet()
            .encodings()
            .get(0);
    return ((DenseVector) encoding).values();
  }

  private static long encoded() {
    return client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes().stream()
        .mapToLong(node -> node.models().get("tiny").stats().texts())
        .sum();
  }

  /** What the index holds of a document, out of the source that a reindex gets. */
  private static EncodedText stored(String id) {
    List<EncodedText> found = new ArrayList<>();
    Map<String, Object> source =
        client().prepareGet(INDEX, id).setRealtime(false).get().getSource();
    assertFalse(String.valueOf(source), source.containsKey(StoredChunksMapper.NAME));
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(QueryBuilders.idsQuery().addIds(id))
            .setSource(
                new SearchSourceBuilder()
                    .query(QueryBuilders.idsQuery().addIds(id))
                    .fetchSource(FetchSourceContext.of(true, false, null, null))),
        response -> {
          Object entries =
              response.getHits().getAt(0).getSourceAsMap().get(StoredChunksMapper.NAME);
          if (entries instanceof List<?> list) {
            list.forEach(entry -> found.add(EncodedText.parse(entry)));
          }
        });
    return found.isEmpty() ? null : found.get(0);
  }

  private static void assertStored(String id, String... texts) {
    EncodedText stored = stored(id);
    assertNotNull(id, stored);
    assertEquals(texts.length, stored.chunks().size());
    for (int i = 0; i < texts.length; i++) {
      List<?> vector = (List<?>) stored.chunks().get(i).vector();
      float[] values = new float[vector.size()];
      for (int d = 0; d < values.length; d++) {
        values[d] = ((Number) vector.get(d)).floatValue();
      }
      assertEquals(1, cosine(values, encode(texts[i])), 1e-4);
    }
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double left = 0;
    double right = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      left += a[i] * a[i];
      right += b[i] * b[i];
    }
    return product / Math.sqrt(left * right);
  }

  public void testADocumentIsFoundByItsBestChunk() throws Exception {
    create(FIELD, Settings.EMPTY);
    put("1", "The river rises. Rain fell for three days.");
    put("2", List.of("A baker sells bread.", "The dog sleeps."));
    put("3", null);
    put("4", " ");
    assertStored("1", "The river rises. Rain fell for three days.");
    assertStored("2", "A baker sells bread.", "The dog sleeps.");
    assertNull(stored("3"));
    assertNull(stored("4"));
    assertResponse(
        client().prepareSearch(INDEX).setQuery(query("The dog sleeps.")),
        response -> {
          assertEquals(2, response.getHits().getTotalHits().value());
          assertEquals("2", response.getHits().getAt(0).getId());
          double score =
              (1 + cosine(encode("The dog sleeps.", InputType.QUERY), encode("The dog sleeps.")))
                  / 2;
          assertEquals(score, response.getHits().getAt(0).getScore(), 1e-3);
          assertEquals(
              Map.of("body", List.of("A baker sells bread.", "The dog sleeps.")),
              response.getHits().getAt(0).getSourceAsMap());
        });
    assertResponse(
        client().prepareSearch(INDEX).setQuery(QueryBuilders.existsQuery("body")),
        response -> assertEquals(2, response.getHits().getTotalHits().value()));
  }

  /** What Elasticsearch alone makes of a document with numbers is the measure. */
  public void testTheRestOfADocumentIsIndexedAsItWasSent() throws Exception {
    String rest = "\"version\":{\"type\":\"keyword\"},\"amount\":{\"type\":\"keyword\"}";
    create(FIELD.replace("\"body\"", rest + ",\"body\""), Settings.EMPTY);
    prepareCreate("plain")
        .setMapping(
            "{\"properties\":{%s,\"body\":{\"type\":\"text\"},\"v\":{\"type\":\"dense_vector\",\"dims\":2}}}"
                .formatted(rest))
        .get();
    String document =
        "{\n \"body\":[1.10,true,\"text\"],\"version\":1.10, \"amount\":12345678901234567.89}\n";
    for (String index : List.of(INDEX, "plain")) {
      client()
          .prepareIndex(index)
          .setId("1")
          .setSource(document, XContentType.JSON)
          .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
          .get();
      for (var term : Map.of("version", "1.10", "amount", "12345678901234567.89").entrySet()) {
        assertResponse(
            client()
                .prepareSearch(index)
                .setQuery(QueryBuilders.termQuery(term.getKey(), term.getValue())),
            response -> assertEquals(index, 1, response.getHits().getTotalHits().value()));
      }
    }
    assertStored("1", "1.1", "true", "text");
    var alone = client().prepareGet("plain", "1").setRealtime(false).get();
    var found = client().prepareGet(INDEX, "1").setRealtime(false).get();
    assertEquals(alone.getSourceAsString(), found.getSourceAsString());
  }

  public void testHighlightsAreTheBestChunks() throws Exception {
    create(FIELD, Settings.EMPTY);
    put("2", List.of("A baker sells bread.", "Rain falls.", "The dog sleeps."));
    long before = encoded();
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(query("The dog sleeps."))
            .highlighter(new HighlightBuilder().field("body").numOfFragments(1)),
        response -> {
          var field = response.getHits().getAt(0).getHighlightFields().get("body");
          assertNotNull(field);
          assertEquals(1, field.fragments().length);
          assertEquals("The dog sleeps.", field.fragments()[0].toString());
        });
    assertEquals("the query alone", before + 1, encoded());
  }

  public void testUpdatesEncodeWhatTheyChange() throws Exception {
    create(FIELD, Settings.EMPTY);
    put("1", "Rain falls.");
    long before = encoded();

    client().prepareUpdate(INDEX, "1").setDoc("other", 1).get();
    bulk(b -> b.add(client().prepareUpdate(INDEX, "1").setDoc("other", 2)));
    client().prepareUpdate(INDEX, "1").setDoc("body", "Rain falls.", "other", 3).get();
    bulk(b -> b.add(client().prepareUpdate(INDEX, "1").setDoc("body", "Rain falls.", "other", 4)));
    refresh(INDEX);
    assertEquals("nothing changed", before, encoded());
    assertStored("1", "Rain falls.");

    client().prepareUpdate(INDEX, "1").setDoc("body", "Snow falls.").get();
    refresh(INDEX);
    assertStored("1", "Snow falls.");
    BulkResponse response =
        bulk(
            b -> {
              b.add(client().prepareUpdate(INDEX, "1").setDoc("body", "Hail falls."));
              b.add(client().prepareUpdate(INDEX, "1").setDoc("other", 7));
              b.add(
                  client()
                      .prepareUpdate(INDEX, "2")
                      .setDoc("body", "A new one.")
                      .setDocAsUpsert(true));
              b.add(prepareIndex(INDEX).setId("3").setSource("body", "Bread."));
              b.add(client().prepareUpdate(INDEX, "absent").setDoc("body", "Nothing."));
              b.add(client().prepareUpdate(INDEX, "3").setDoc("body", List.of("Bread.", "Salt.")));
            });
    List<RestStatus> statuses =
        Arrays.stream(response.getItems()).map(BulkItemResponse::status).toList();
    assertEquals(
        List.of(
            RestStatus.OK,
            RestStatus.OK,
            RestStatus.CREATED,
            RestStatus.CREATED,
            RestStatus.NOT_FOUND,
            RestStatus.OK),
        statuses);
    assertStored("1", "Hail falls.");
    assertStored("2", "A new one.");
    assertStored("3", "Bread.", "Salt.");
    client().prepareUpdate(INDEX, "1").setDoc("{\"body\":null}", XContentType.JSON).get();
    refresh(INDEX);
    assertNull(stored("1"));
  }

  /** And an index without such a field takes nothing of the kind. */
  public void testUpdatesDoNotTakeAwayWhatTextsWereMadeInto() throws Exception {
    create(FIELD, Settings.EMPTY);
    prepareCreate("plain").setMapping("{\"dynamic\":\"strict\"}").get();
    put("1", "Rain falls.");
    for (String ours : List.of("[]", "null", "[{}]")) {
      String part =
          "{\"%s\":%s,\"other\":%s}".formatted(StoredChunksMapper.NAME, ours, ours.length());
      BulkResponse response =
          bulk(b -> b.add(client().prepareUpdate(INDEX, "1").setDoc(part, XContentType.JSON)));
      RestStatus expected = ours.equals("[{}]") ? RestStatus.BAD_REQUEST : RestStatus.OK;
      assertEquals(response.buildFailureMessage(), expected, response.getItems()[0].status());
      assertStored("1", "Rain falls.");
    }
    prepareIndex("plain").setId("1").setSource().get();
    String part = "{\"%s\":[]}".formatted(StoredChunksMapper.NAME);
    BulkResponse plain =
        bulk(
            b -> {
              b.add(client().prepareUpdate("plain", "1").setDoc(part, XContentType.JSON));
              b.add(
                  client()
                      .prepareUpdate("plain", "2")
                      .setDoc(Map.of())
                      .setUpsert(part, XContentType.JSON));
            });
    assertFalse(plain.buildFailureMessage(), plain.hasFailures());
  }

  private interface Items {
    void add(BulkRequestBuilder bulk);
  }

  private static BulkResponse bulk(Items items) {
    BulkRequestBuilder bulk = client().prepareBulk().setRefreshPolicy(RefreshPolicy.IMMEDIATE);
    items.add(bulk);
    return bulk.get();
  }

  public void testVectorsSurviveRecoveryMergeAndRestart() throws Exception {
    boolean synthetic = randomBoolean();
    create(
        FIELD,
        synthetic
            ? Settings.builder().put("index.mapping.source.mode", "synthetic").build()
            : Settings.EMPTY);
    put("1", "Rain falls.");
    put("2", List.of("Bread.", "Salt."));
    put("1", "Snow falls.");
    client().prepareDelete(INDEX, "2").get();
    put("2", List.of("Bread.", "Pepper."));
    client().admin().indices().prepareForceMerge(INDEX).setMaxNumSegments(1).get();
    internalCluster().startNode();
    internalCluster().fullRestart();
    ensureGreen(INDEX);
    assertBusy(() -> deploy(client(), "tiny"));
    assertStored("1", "Snow falls.");
    assertStored("2", "Bread.", "Pepper.");
  }

  /** As a reindex does: by a search that asks for vectors, and bulks of what it finds. */
  public void testReindexTakesVectorsAlongWhereAFieldTakesThem() throws Exception {
    create(FIELD, Settings.EMPTY);
    put("1", List.of("Bread.", "Salt."));
    long before = encoded();
    prepareCreate("copy").setMapping(FIELD).get();
    prepareCreate("plain").setMapping("{\"properties\":{\"body\":{\"type\":\"text\"}}}").get();
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setSource(
                new SearchSourceBuilder()
                    .fetchSource(FetchSourceContext.of(true, false, null, null))),
        response -> {
          Map<String, Object> source = response.getHits().getAt(0).getSourceAsMap();
          BulkResponse written =
              bulk(
                  b -> {
                    b.add(prepareIndex("copy").setId("1").setSource(source));
                    b.add(prepareIndex("plain").setId("1").setSource(source));
                  });
          assertFalse(written.buildFailureMessage(), written.hasFailures());
        });
    assertEquals(before, encoded());
    assertResponse(
        client().prepareSearch("copy").setQuery(query("Salt.")),
        response -> {
          assertEquals(1, response.getHits().getTotalHits().value());
          assertEquals(1, response.getHits().getAt(0).getScore(), 1e-2);
        });
    assertFalse(
        client()
            .admin()
            .indices()
            .prepareGetMappings(TEST_REQUEST_TIMEOUT, "plain")
            .get()
            .getMappings()
            .get("plain")
            .source()
            .string()
            .contains(StoredChunksMapper.NAME));
  }

  public void testAModelThatAFieldNamesIsKept() throws Exception {
    create(FIELD, Settings.EMPTY);
    Exception e = expectThrows(Exception.class, () -> undeploy(client(), "tiny"));
    assertThat(e.getMessage(), containsString("in use by fields of the indices [notes]"));
    put("1", "Still there.");
    assertStored("1", "Still there.");
  }

  public void testSparseModels() throws Exception {
    new TinyModel(50_000, SparseGolden.FOLDER).upload(client(), "splade");
    deploy(client(), "splade");
    create(
        "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"splade\"}}}",
        Settings.EMPTY);
    put("1", "A baker sells warm bread before sunrise.");
    put("2", "Rain falls on the river.");
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(query("A baker sells warm bread before sunrise."))
            .highlighter(new HighlightBuilder().field("body")),
        response -> {
          assertEquals("1", response.getHits().getAt(0).getId());
          assertEquals(
              "A baker sells warm bread before sunrise.",
              response
                  .getHits()
                  .getAt(0)
                  .getHighlightFields()
                  .get("body")
                  .fragments()[0]
                  .toString());
        });
    assertTrue(stored("1").chunks().get(0).vector() instanceof Map);
  }

  public void testWhatCannotBeEncodedFailsItsItemAlone() throws Exception {
    create(
        "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"},"
            + "\"lost\":{\"type\":\"semlux_text\",\"model_id\":\"absent\"}}}",
        Settings.EMPTY);
    BulkResponse response =
        bulk(
            b -> {
              b.add(prepareIndex(INDEX).setId("1").setSource("body", "Rain."));
              b.add(prepareIndex(INDEX).setId("2").setSource("lost", "Rain."));
              b.add(prepareIndex(INDEX).setId("3").setSource("body", Map.of("a", 1)));
              b.add(prepareIndex(INDEX).setId("4").setSource("body", 12.5));
            });
    assertFalse(response.getItems()[0].isFailed());
    assertEquals(RestStatus.NOT_FOUND, response.getItems()[1].status());
    assertThat(response.getItems()[1].getFailureMessage(), containsString("no model [absent]"));
    assertEquals(RestStatus.BAD_REQUEST, response.getItems()[2].status());
    assertFalse(response.getItems()[3].isFailed());
    assertStored("1", "Rain.");
    assertStored("4", "12.5");
  }
}
