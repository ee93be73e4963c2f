package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.SharedNodesTestCase;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.StatsAction;

/** An index with the field on two nodes with replicas, against what the model answers. */
abstract class TextFieldTestCase extends SharedNodesTestCase {
  static final String INDEX = "notes";
  static final String FIELD =
      "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}";

  void create(String mapping, Settings settings) throws Exception {
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

  static QueryBuilder query(String text) {
    return query("body", text);
  }

  static QueryBuilder query(String field, String text) {
    return QueryBuilders.wrapperQuery(
        "{\"semlux\":{\"field\":\"%s\",\"query\":\"%s\",\"k\":20}}".formatted(field, text));
  }

  static void put(String id, Object text) {
    Map<String, Object> source = new HashMap<>();
    source.put("body", text);
    prepareIndex(INDEX).setId(id).setSource(source).setRefreshPolicy(RefreshPolicy.IMMEDIATE).get();
  }

  static float[] encode(String text) {
    return encode(text, InputType.DOCUMENT);
  }

  static float[] encode(String text, InputType type) {
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

  static long encoded() {
    return client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes().stream()
        .mapToLong(node -> node.models().get("tiny").stats().texts())
        .sum();
  }

  /** What the index holds of a document, out of the source that a reindex gets. */
  static EncodedText stored(String id) {
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

  static void assertStored(String id, String... texts) {
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

  static double cosine(float[] a, float[] b) {
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

  interface Items {
    void add(BulkRequestBuilder bulk);
  }

  static BulkResponse bulk(Items items) {
    BulkRequestBuilder bulk = client().prepareBulk().setRefreshPolicy(RefreshPolicy.IMMEDIATE);
    items.add(bulk);
    return bulk.get();
  }
}
