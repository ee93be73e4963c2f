package org.semlux.plugin;

import static org.semlux.plugin.ClusterSearches.search;

import java.util.List;
import org.elasticsearch.action.support.WriteRequest;

/** What a page shows as it is, where a search asks for {@code "encoder":"html"}. */
public class EncodedHighlightsTests extends SharedNodesTestCase {
  private static final String TEXT = "<b>rain</b> & snow";
  private static final String ENCODED = "&lt;b&gt;rain&lt;&#x2F;b&gt; &amp; snow";
  private static final String QUERY = "{\"semlux\":{\"field\":\"body\",\"query\":\"rain\"}}";

  private void assertShown(String text, String body) {
    search(
        randomFrom(internalCluster().getNodeNames()),
        body,
        response ->
            assertEquals(
                body,
                List.of(text),
                List.of(
                    response
                        .getHits()
                        .getAt(0)
                        .getHighlightFields()
                        .get("body")
                        .fragments()[0]
                        .string())));
  }

  public void testChunksAndPassages() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    ModelCalls.deploy(client(), "tiny");
    new TinyModel(50_000, TwinModels.folder(TwinModels.CROSS)).upload(client(), "cross");
    ModelCalls.deploy(client(), "cross");
    prepareCreate("docs")
        .setMapping(
            "{\"properties\":{\"title\":{\"type\":\"text\"},\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}")
        .get();
    prepareIndex("docs")
        .setSource("body", TEXT, "title", "rain")
        .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
        .get();
    String chunks = "{\"query\":" + QUERY + ",\"highlight\":{%s\"fields\":{\"body\":{}}}";
    assertShown(TEXT, chunks.formatted(""));
    assertShown(TEXT, chunks.formatted("\"encoder\":\"default\","));
    assertShown(ENCODED, chunks.formatted("\"encoder\":\"html\","));
    String passage =
        "{\"retriever\":{\"semlux_rerank\":{\"model_id\":\"cross\",\"field\":\"body\",\"query\":\"rain\",\"chunks\":1,\"retriever\":{\"standard\":{\"query\":"
            + QUERY
            + "}}}}%s";
    assertShown(TEXT, passage.formatted(""));
    assertShown(TEXT, passage.formatted(",\"highlight\":{\"fields\":{\"title\":{}}}"));
    assertShown(
        ENCODED,
        passage.formatted(",\"highlight\":{\"encoder\":\"html\",\"fields\":{\"title\":{}}}"));
  }
}
