package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.index.query.QueryBuilders;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;

/** Mappings written by hand after another index's, which say what vectors are, but hold none. */
public class CopiedMappingTests extends SingleNodeTestCase {
  private static final String FIELD =
      "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}";

  /** The properties of an index that has a document. */
  private Map<String, Object> properties() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    indicesAdmin().prepareCreate("notes").setMapping(FIELD).get();
    put("notes");
    return properties("notes");
  }

  private void put(String index) {
    prepareIndex(index)
        .setId("1")
        .setSource("body", "the river rises")
        .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
        .get();
  }

  @SuppressWarnings("unchecked") // as mappings are
  private Map<String, Object> properties(String index) {
    Map<String, Object> mapping =
        indicesAdmin()
            .prepareGetMappings(TEST_REQUEST_TIMEOUT, index)
            .get()
            .getMappings()
            .get(index)
            .sourceAsMap();
    return new HashMap<>((Map<String, Object>) mapping.get("properties"));
  }

  private void create(String index, String dynamic, Map<String, Object> properties) {
    indicesAdmin()
        .prepareCreate(index)
        .setMapping(Map.of("dynamic", dynamic, "properties", properties))
        .get();
  }

  public void testTheFieldOfChunksIsAdded() throws Exception {
    Map<String, Object> properties = properties();
    Object chunks = properties.remove(StoredChunksMapper.NAME);
    assertNotNull(chunks);
    for (String dynamic : List.of("true", "false", "strict")) {
      create(dynamic, dynamic, properties);
      put(dynamic);
      assertEquals(dynamic, chunks, properties(dynamic).get(StoredChunksMapper.NAME));
      assertResponse(
          client()
              .prepareSearch(dynamic)
              .setQuery(
                  QueryBuilders.wrapperQuery(
                      "{\"semlux\":{\"field\":\"body\",\"query\":\"the river rises\"}}")),
          response -> {
            assertEquals(dynamic, 1, response.getHits().getTotalHits().value());
            assertEquals(
                Map.of("body", "the river rises"), response.getHits().getAt(0).getSourceAsMap());
          });
    }
  }

  public void testAnotherFieldOfThatNameIsRefused() throws Exception {
    Map<String, Object> properties = properties();
    for (String type : List.of("keyword", "object")) {
      String index = "taken-by-" + type;
      properties.put(StoredChunksMapper.NAME, Map.of("type", type));
      create(index, "true", properties);
      String reason = "index [%s] maps [_semlux] as [%s], and that name is Semlux's own";
      Exception refused = expectThrows(IllegalArgumentException.class, () -> put(index));
      assertThat(refused.getMessage(), containsString(reason.formatted(index, type)));
      prepareIndex(index).setId("2").setSource("other", 1).get(); // nothing to hold
    }
  }
}
