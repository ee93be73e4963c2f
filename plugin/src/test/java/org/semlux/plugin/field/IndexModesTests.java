package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertHitCount;
import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.LeafReaderContext;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexService;
import org.elasticsearch.index.engine.Engine;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder;
import org.semlux.plugin.TinyModel;

/** Indices in which Elasticsearch maps by other defaults. */
public class IndexModesTests extends TextFieldTestCase {
  private static final String MAPPING =
      """
      {"properties":{"@timestamp":{"type":"date"},
        "place":{"type":"keyword","time_series_dimension":true},
        "notes":{"type":"passthrough","priority":10,"properties":{
          "text":{"type":"semlux_text","model_id":"live"}}},
        "body":{"type":"semlux_text","model_id":"live"}}}""";

  private void create() throws Exception {
    create(
        MAPPING,
        Settings.builder()
            .put("number_of_shards", 1)
            .put("refresh_interval", -1)
            .put("index.mode", "time_series")
            .putList("index.routing_path", "place")
            .put("index.time_series.start_time", "2024-01-01T00:00:00Z")
            .put("index.time_series.end_time", "2034-01-01T00:00:00Z")
            .build());
    alias(client(), "live", "tiny", false);
  }

  private static String index(String place) {
    return prepareIndex(INDEX)
        .setSource(
            "@timestamp",
            "2025-01-01T00:00:00Z",
            "place",
            place,
            "body",
            "rain",
            "notes.text",
            "snow")
        .get()
        .getId();
  }

  private static Set<String> named() throws Exception {
    Set<String> named = new TreeSet<>();
    for (IndicesService indices : internalCluster().getInstances(IndicesService.class)) {
      for (IndexService index : indices) {
        if (index.index().getName().equals(INDEX)) {
          try (Engine.Searcher searcher = index.getShard(0).acquireSearcher("test")) {
            for (LeafReaderContext leaf : searcher.getDirectoryReader().leaves()) {
              FieldInfo model = leaf.reader().getFieldInfos().fieldInfo("body.model");
              if (model != null) { // a deletion has none
                assertEquals("as in older indices", IndexOptions.NONE, model.getIndexOptions());
              }
            }
            named.addAll(
                DocumentModels.in(searcher.getDirectoryReader(), "body.model", id -> false)
                    .keySet());
          }
        }
      }
    }
    return named;
  }

  public void testTextsOfTimeSeriesAreFound() throws Exception {
    create();
    index("here");
    index("there");
    refresh(INDEX);
    for (String field : new String[] {"body", "notes.text", "text"}) {
      assertHitCount(client().prepareSearch(INDEX).setQuery(query(field, "rain")), 2);
    }
  }

  /** They name them in doc values alone. */
  public void testDocumentsOfTimeSeriesNameTheirModels() throws Exception {
    create();
    String first = index("here");
    new TinyModel(50_000, Path.of("../tests/src/test/resources/goldens/dense-bert-cls"))
        .upload(client(), "second");
    deploy(client(), "second");
    alias(client(), "live", "second", true);
    index("there");
    refresh(INDEX);
    indicesAdmin().prepareForceMerge(INDEX).setMaxNumSegments(1).get();
    assertEquals(Set.of("tiny", "second"), named());
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(query("rain"))
            .highlighter(new HighlightBuilder().field("body")),
        response -> {
          assertEquals(0, response.getFailedShards());
          assertEquals(2, response.getHits().getHits().length);
          for (SearchHit hit : response.getHits()) {
            assertEquals("rain", hit.getHighlightFields().get("body").fragments()[0].string());
          }
        });
    client().prepareDelete(INDEX, first).setRefreshPolicy(RefreshPolicy.IMMEDIATE).get();
    assertEquals(Set.of("second"), named());
  }
}
