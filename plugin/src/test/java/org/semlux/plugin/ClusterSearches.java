package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.elasticsearch.action.search.SearchRequestBuilder;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.plugins.PluginsService;
import org.elasticsearch.plugins.SearchPlugin;
import org.elasticsearch.search.SearchModule;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.json.JsonXContent;

/** Searches as a node's REST layer would send them: JSON whose last brace is still to come. */
final class ClusterSearches {
  private ClusterSearches() {}

  static List<String> ids(String node, String body) {
    List<String> ids = new ArrayList<>();
    search(node, body, response -> response.getHits().forEach(hit -> ids.add(hit.getId())));
    return ids;
  }

  static void search(String node, String body, Consumer<SearchResponse> check) {
    assertResponse(
        request(node, body),
        response -> {
          assertEquals(0, response.getFailedShards());
          check.accept(response);
        });
  }

  /** Parsed as the node itself does, whose encoders the retrievers then have. */
  static SearchRequestBuilder request(String node, String body) {
    return ESIntegTestCase.internalCluster()
        .client(node)
        .prepareSearch("docs")
        .setSource(
            source(
                ESIntegTestCase.internalCluster().getInstance(PluginsService.class, node),
                body + "}"));
  }

  /** A search's body, whole, parsed by a node's plugins. */
  static SearchSourceBuilder source(PluginsService node, String body) {
    List<SearchPlugin> plugins = node.filterPlugins(SearchPlugin.class).toList();
    var registry =
        new NamedXContentRegistry(new SearchModule(Settings.EMPTY, plugins).getNamedXContents());
    try (XContentParser parser =
        JsonXContent.jsonXContent.createParser(
            XContentParserConfiguration.EMPTY.withRegistry(registry), body)) {
      return new SearchSourceBuilder().parseXContent(parser, true, feature -> true);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
