package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertHitCount;
import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;

import java.util.List;
import java.util.Map;
import org.apache.lucene.search.join.ScoreMode;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.SearchHits;
import org.elasticsearch.search.aggregations.AggregationBuilders;
import org.elasticsearch.search.aggregations.bucket.SingleBucketAggregation;

/** A field's chunks beside nested objects that have nothing to do with them. */
public class NestedObjectsTests extends TextFieldTestCase {
  private static final int DOCUMENTS = 8;

  private void index(Object body) throws Exception {
    create(
        """
        {"properties":{"body":{"type":"semlux_text","model_id":"tiny",
            "chunking":{"strategy":"words","size":1}},
          "tag":{"type":"keyword"},
          "notes":{"type":"nested","properties":{"kind":{"type":"keyword"}}}}}""",
        Settings.EMPTY);
    // Segments of several documents: one's chunks stand before the objects of the next.
    BulkResponse written =
        bulk(
            bulk -> {
              for (int i = 0; i < DOCUMENTS; i++) {
                bulk.add(
                    prepareIndex(INDEX)
                        .setSource(
                            "body",
                            body,
                            "tag",
                            "all",
                            "notes",
                            List.of(Map.of("kind", "a"), Map.of("kind", "b"))));
              }
            });
    assertFalse(written.buildFailureMessage(), written.hasFailures());
  }

  private static QueryBuilder within(QueryBuilder query) {
    return QueryBuilders.nestedQuery(
        "notes",
        QueryBuilders.boolQuery().must(QueryBuilders.termQuery("notes.kind", "a")).must(query),
        ScoreMode.Max);
  }

  /** As of all that documents have, and their nested objects have not. */
  public void testNestedObjectsAreNotFoundByTheirDocumentsTexts() throws Exception {
    index("rain snow");
    for (QueryBuilder query : List.of(QueryBuilders.termQuery("tag", "all"), query("rain"))) {
      assertHitCount(client().prepareSearch(INDEX).setQuery(query), DOCUMENTS);
      assertHitCount(client().prepareSearch(INDEX).setQuery(within(query)), 0);
      assertHitCount(
          client().prepareSearch(INDEX).setQuery(within(QueryBuilders.boolQuery().mustNot(query))),
          DOCUMENTS);
      assertResponse(
          client()
              .prepareSearch(INDEX)
              .setSize(0)
              .addAggregation(
                  AggregationBuilders.nested("notes", "notes")
                      .subAggregation(AggregationBuilders.filter("found", query))
                      .subAggregation(
                          AggregationBuilders.reverseNested("documents")
                              .subAggregation(AggregationBuilders.filter("found", query)))),
          response -> {
            SingleBucketAggregation notes = response.getAggregations().get("notes");
            assertEquals(2 * DOCUMENTS, notes.getDocCount());
            SingleBucketAggregation found = notes.getAggregations().get("found");
            assertEquals(query.toString(), 0, found.getDocCount());
            SingleBucketAggregation documents = notes.getAggregations().get("documents");
            SingleBucketAggregation back = documents.getAggregations().get("found");
            assertEquals(query.toString(), DOCUMENTS, back.getDocCount());
          });
    }
  }

  /** Neighbours among nested objects are filtered by documents. */
  public void testAFilterAmongChunksIsAboutDocuments() throws Exception {
    index("rain snow");
    String knn =
        """
        {"nested":{"path":"body.chunks","query":{"knn":{"field":"body.chunks.vector","k":20,
          "filter":%s,"query_vector_builder":{"semlux":{"model_id":"tiny","model_text":"snow"}}}}}}""";
    for (String filter :
        List.of(
            "{\"term\":{\"tag\":\"all\"}}",
            "{\"semlux\":{\"field\":\"body\",\"query\":\"rain\",\"k\":20}}")) {
      assertHitCount(
          client().prepareSearch(INDEX).setQuery(QueryBuilders.wrapperQuery(knn.formatted(filter))),
          DOCUMENTS);
    }
  }

  /** Chunks, and the objects beside them, have none of their document's. */
  public void testInnerHitsHaveNoChunks() throws Exception {
    index("rain snow");
    String query =
        """
        {"nested":{"path":"%s","query":{"match_all":{}},"inner_hits":{"_source":false,
          "fields":[{"field":"body","format":"chunks"}],"highlight":{"fields":{"body":{}}}}}}""";
    for (String path : List.of("notes", "body.chunks")) {
      assertResponse(
          client().prepareSearch(INDEX).setQuery(QueryBuilders.wrapperQuery(query.formatted(path))),
          response -> {
            assertEquals(0, response.getFailedShards());
            assertEquals(DOCUMENTS, response.getHits().getHits().length);
            for (SearchHit hit : response.getHits()) {
              SearchHits inner = hit.getInnerHits().get(path);
              assertEquals(2, inner.getHits().length);
              inner.forEach(one -> assertNull(one.toString(), one.field("body")));
            }
          });
    }
  }

  /** What they are of an array of texts cannot be looked up in its source. */
  public void testWhatChunksDoNotHaveIsRefused() throws Exception {
    index(List.of("rain", "snow"));
    for (String options :
        List.of("\"fields\":[\"tag\"]", "\"highlight\":{\"fields\":{\"body\":{}}}")) {
      String query =
          "{\"semlux\":{\"field\":\"body\",\"query\":\"rain\",\"inner_hits\":{" + options + "}}}";
      Exception e =
          expectThrows(
              Exception.class,
              () ->
                  client()
                      .prepareSearch(INDEX)
                      .setQuery(QueryBuilders.wrapperQuery(query))
                      .get()
                      .decRef());
      assertEquals(RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
      assertThat(e.getMessage(), containsString("[inner_hits] of [semlux] are chunks, without"));
    }
  }
}
