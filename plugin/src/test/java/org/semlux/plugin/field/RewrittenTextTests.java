package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.xcontent.XContentType;

/** What texts were made into where documents are written again. */
public class RewrittenTextTests extends TextFieldTestCase {
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
}
