package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.lucene.search.Query;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.action.support.WriteRequest;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.index.query.AbstractQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.PluginsService;
import org.elasticsearch.plugins.SearchPlugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.internal.MaxClauseCountQueryVisitor;
import org.elasticsearch.xcontent.XContentBuilder;

/** A part of a search that throws an error while it is rewritten, behind what ours waits for. */
public class ErrorsInRewritesTests extends SingleNodeTestCase {
  private static final Path GOLDENS =
      Path.of("../tests/src/test/resources/goldens").toAbsolutePath();

  /** Throws where nothing of the search is waited for: at once, or behind the last answer. */
  private static final class Throwing extends AbstractQueryBuilder<Throwing> {
    private static final String NAME = "throwing";

    @Override
    protected QueryBuilder doRewrite(QueryRewriteContext context) {
      if (!context.hasAsyncActions()) {
        throw new LinkageError("while it is rewritten");
      }
      return this;
    }

    @Override
    protected void doXContent(XContentBuilder builder, Params params) throws IOException {
      builder.startObject(NAME).endObject();
    }

    @Override
    protected Query doToQuery(SearchExecutionContext context, MaxClauseCountQueryVisitor visitor) {
      throw new AssertionError("no shard gets it");
    }

    @Override
    protected void doWriteTo(StreamOutput out) {}

    @Override
    protected boolean doEquals(Throwing other) {
      return true;
    }

    @Override
    protected int doHashCode() {
      return 0;
    }

    @Override
    public String getWriteableName() {
      return NAME;
    }

    @Override
    public TransportVersion getMinimalSupportedVersion() {
      return TransportVersion.minimumCompatible();
    }
  }

  /** Knows that query. */
  public static final class ThrowingPlugin extends Plugin implements SearchPlugin {
    @Override
    public List<QuerySpec<?>> getQueries() {
      return List.of(
          new QuerySpec<>(
              Throwing.NAME,
              (StreamInput in) -> new Throwing(),
              parser -> {
                parser.map();
                return new Throwing();
              }));
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class, ThrowingPlugin.class);
  }

  public void testSearchesAreAnswered() throws Exception {
    new TinyModel(50_000).upload(client(), "dense");
    for (String golden : List.of("cross-bert", "sparse-bert")) {
      new TinyModel(50_000, GOLDENS.resolve(golden)).upload(client(), golden);
      deploy(client(), golden);
    }
    deploy(client(), "dense");
    indicesAdmin()
        .prepareCreate("docs")
        .setMapping(
            """
            {"properties":{"body":{"type":"semlux_text","model_id":"dense"},
            "text":{"type":"text"},"terms":{"type":"sparse_vector"},
            "vector":{"type":"dense_vector","dims":32}}}
            """)
        .get();
    client()
        .prepareIndex("docs")
        .setSource(Map.of("body", "the river", "text", "rain"))
        .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
        .get();
    String throwing = "{\"throwing\":{}}";
    String beside = "{\"query\":{\"bool\":{\"must\":[%s," + throwing + "]}}}";
    List<String> unanswered = new ArrayList<>();
    for (String search :
        List.of(
            "{\"query\":" + throwing + "}",
            beside.formatted("{\"semlux\":{\"field\":\"body\",\"query\":\"rain\"}}"),
            beside.formatted(
                """
                {"semlux_sparse":{"field":"terms","model_id":"sparse-bert","query":"rain"}}\
                """),
            beside.formatted(
                """
                {"knn":{"field":"vector","k":1,"query_vector_builder":
                {"semlux":{"model_id":"dense","model_text":"rain"}}}}\
                """),
            """
            {"rescore":[{"semlux_cross_encoder":
            {"model_id":"cross-bert","field":"text","query":"rain"}},
            {"query":{"rescore_query":%s}}]}
            """
                .formatted(throwing),
            """
            {"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
            "model_id":"cross-bert","field":"text","query":"rain"}},
            "aggs":{"thrown":{"filter":%s}}}
            """
                .formatted(throwing))) {
      Optional<Throwable> failure = failure(search);
      if (failure.isEmpty()) {
        unanswered.add(search);
        continue;
      }
      Throwable e = failure.get();
      assertEquals(search, RestStatus.INTERNAL_SERVER_ERROR, ExceptionsHelper.status(e));
      assertThat(search, e.getMessage(), containsString("LinkageError"));
    }
    assertEquals(List.of(), unanswered);
    indicesAdmin().prepareDelete("docs").get(); // and the point in time, which else lives a minute
  }

  /** Empty where nobody is told how it ends. */
  private Optional<Throwable> failure(String body) throws Exception {
    var search =
        client()
            .prepareSearch("docs")
            .setSource(ClusterSearches.source(getInstanceFromNode(PluginsService.class), body));
    try {
      search.execute().get(10, TimeUnit.SECONDS).decRef();
      throw new AssertionError("found something: " + body);
    } catch (ExecutionException e) {
      return Optional.of(e.getCause());
    } catch (TimeoutException | LinkageError e) {
      return Optional.empty();
    }
  }
}
