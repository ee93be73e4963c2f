package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.action.search.SearchRequestBuilder;
import org.elasticsearch.action.support.WriteRequest;
import org.elasticsearch.plugins.PluginsService;
import org.semlux.encoders.api.Precision;

/** What a shard keeps of a search's answers is kept for the same bytes: an alias stays the same. */
public class CachedRescoreTests extends SingleNodeTestCase {
  private static final Path GOLDENS =
      Path.of("../tests/src/test/resources/goldens").toAbsolutePath();

  public void testAnAliasThatMovesMovesTheScores() throws Exception {
    for (String golden : List.of("cross-bert", "cross-distilbert")) {
      new TinyModel(50_000, GOLDENS.resolve(golden), Precision.FLOAT32).upload(client(), golden);
      deploy(client(), golden);
    }
    prepareIndex("docs")
        .setSource("text", "a dog by the river")
        .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
        .get();
    alias(client(), "live", "cross-bert", false);
    float first = score("live");
    assertEquals(first, score("live"), 0);
    alias(client(), "live", "cross-distilbert", false);
    assertNotEquals(first, score("live"), 1e-4);
    assertEquals(score("cross-distilbert"), score("live"), 0);
  }

  private float score(String model) {
    String body =
        """
        {"query":{"match_all":{}},"rescore":{"window_size":10,
        "semlux_cross_encoder":{"model_id":"%s","field":"text","query":"the river rises",
        "query_weight":0}}}\
        """
            .formatted(model);
    SearchRequestBuilder search =
        client()
            .prepareSearch("docs")
            .setRequestCache(true)
            .setSource(ClusterSearches.source(getInstanceFromNode(PluginsService.class), body));
    float[] score = new float[1];
    assertResponse(search, response -> score[0] = response.getHits().getAt(0).getScore());
    return score[0];
  }
}
