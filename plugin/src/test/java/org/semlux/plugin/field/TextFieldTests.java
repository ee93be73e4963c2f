package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.util.List;
import java.util.Map;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHits;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightBuilder;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.query.SparseGolden;

/** The field from mapping to search. */
public class TextFieldTests extends TextFieldTestCase {
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

  /** A chunk has no source of its own: Elasticsearch would look for it within the texts. */
  public void testAnArrayOfTextsHasInnerHits() throws Exception {
    create(FIELD, Settings.EMPTY);
    put("1", List.of("A baker sells bread.", "The dog sleeps."));
    String query =
        "{\"semlux\":{\"field\":\"body\",\"query\":\"The dog sleeps.\",\"inner_hits\":%s}}";
    for (String options : List.of("{}", "{\"_source\":true}")) {
      assertResponse(
          client()
              .prepareSearch(INDEX)
              .setQuery(QueryBuilders.wrapperQuery(query.formatted(options))),
          response -> {
            assertEquals(0, response.getFailedShards());
            SearchHits chunks = response.getHits().getAt(0).getInnerHits().get("body.chunks");
            assertEquals(2, chunks.getHits().length);
            assertFalse(chunks.getAt(0).hasSource());
          });
    }
  }

  /** Each clause reads all sources, one after the other. */
  public void testARuntimeFieldThatSeveralClausesReadFromTheSource() throws Exception {
    create(
        FIELD.replace(
            "{\"properties\"", "{\"runtime\":{\"r\":{\"type\":\"keyword\"}},\"properties\""),
        Settings.builder().put("number_of_shards", 1).build());
    BulkResponse written =
        bulk(
            b -> {
              for (int i = 0; i < 6; i++) {
                b.add(
                    prepareIndex(INDEX)
                        .setSource("r", i % 2 == 0 ? "even" : "odd", "body", "Rain " + i));
              }
            });
    assertFalse(written.buildFailureMessage(), written.hasFailures());
    assertResponse(
        client()
            .prepareSearch(INDEX)
            .setQuery(
                QueryBuilders.boolQuery()
                    .should(QueryBuilders.termQuery("r", "even"))
                    .should(QueryBuilders.termQuery("r", "odd"))),
        response -> {
          assertEquals(0, response.getFailedShards());
          assertEquals(6, response.getHits().getTotalHits().value());
        });
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
