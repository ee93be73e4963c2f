package org.semlux.plugin.retriever;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.common.document.DocumentField;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexService;
import org.elasticsearch.index.engine.Engine;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.rescore.RescoreContext;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.StoredVectors;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.MovingModels;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.rescore.CrossEncoderRescorerBuilder;
import org.semlux.plugin.rescore.Reranking;

/** An alias moves between the reading of a model's vectors and their comparison with a query. */
public class MovedModelTests extends SingleNodeTestCase {
  private static final Path GOLDENS =
      Path.of("../tests/src/test/resources/goldens").toAbsolutePath();
  private static final String QUERY = "The river rises after three days of rain.";

  private ClusterModels models;

  /** Deploys two models of one shape and makes vectors by the one that the alias stands for. */
  private String prepare() throws Exception {
    for (String model : List.of("multi-vector-bert-fixed", "multi-vector-bert-stanford")) {
      new TinyModel(50_000, GOLDENS.resolve(model)).upload(client(), model);
      deploy(client(), model);
    }
    alias(client(), "live", "multi-vector-bert-fixed", false);
    models = getInstanceFromNode(ClusterModels.class);
    List<? extends Encoding> encoded =
        models
            .model("live")
            .encode(
                EncodeRequest.of(List.of("a dog by the river")).withInputType(InputType.DOCUMENT))
            .join();
    return StoredVectors.write(StoredVectors.model(models, "live"), (TokenVectors) encoded.get(0));
  }

  /** As the model that made the vectors compares them. */
  private float expected(String vectors) {
    List<TokenVectors> read =
        StoredVectors.read(StoredVectors.model(models, "live"), "vectors", vectors).stream()
            .toList();
    return models
        .model("live")
        .score(ScoreRequest.of(QUERY, List.of("")), List.of(read))
        .join()
        .get(0)
        .score();
  }

  private EncoderSource moving() {
    return MovingModels.of(
        models, id -> true, () -> alias(client(), "live", "multi-vector-bert-stanford", false));
  }

  public void testAWindowIsRankedByTheModelOfItsVectors() throws Exception {
    String vectors = prepare();
    float expected = expected(vectors);
    SearchHit hit = SearchHit.unpooled(0, "1");
    hit.setDocumentField(new DocumentField("vectors", List.of(vectors)));
    Reranking reranking = new Reranking("live", List.of("text"), QUERY, Optional.of("vectors"));
    PlainActionFuture<RankDoc[]> ranked = new PlainActionFuture<>();

    new RerankPass(moving(), reranking, true, Optional.empty(), false)
        .rank(
            new SearchHit[] {hit},
            new RankDoc[] {new RankDoc(0, 1, 0)},
            getInstanceFromNode(ThreadPool.class).getThreadContext(),
            ranked);

    RerankedDoc doc = (RerankedDoc) ranked.actionGet()[0];
    assertEquals(expected, doc.origin().score().get(), 1e-4f);
    assertEquals("multi-vector-bert-stanford", models.id("live"));
  }

  /** Nothing holds a ranking of texts to the model that is deleted before it is asked. */
  public void testTextsAreRankedByTheModelThatIsThere() throws Exception {
    prepare();
    EncoderSource moving =
        MovingModels.of(
            models,
            id -> true,
            () -> {
              alias(client(), "live", "multi-vector-bert-stanford", false);
              delete(client(), "multi-vector-bert-fixed");
            });
    SearchHit hit = SearchHit.unpooled(0, "1");
    hit.setDocumentField(new DocumentField("text", List.of("a dog by the river")));
    Reranking reranking = new Reranking("live", List.of("text"), QUERY, Optional.empty());
    PlainActionFuture<RankDoc[]> ranked = new PlainActionFuture<>();

    new RerankPass(moving, reranking, true, Optional.empty(), false)
        .rank(
            new SearchHit[] {hit},
            new RankDoc[] {new RankDoc(0, 1, 0)},
            getInstanceFromNode(ThreadPool.class).getThreadContext(),
            ranked);

    assertEquals(1, ranked.actionGet().length);
  }

  public void testAShardIsRescoredByTheModelOfItsVectors() throws Exception {
    String vectors = prepare();
    float expected = expected(vectors);
    IndexService index =
        createIndex("docs", Settings.EMPTY, "text", "type=text", "vectors", "type=binary");
    prepareIndex("docs")
        .setSource(Map.of("vectors", vectors))
        .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
        .get();
    CrossEncoderRescorerBuilder builder;
    try (XContentParser parser =
        createParser(
            JsonXContent.jsonXContent,
            """
            {"model_id":"live","field":"text","vectors_field":"vectors","query":"%s",
             "query_weight":0}"""
                .formatted(QUERY))) {
      builder = CrossEncoderRescorerBuilder.spec(moving()).getParser().apply(parser);
    }
    try (Engine.Searcher searcher = index.getShard(0).acquireSearcher("test")) {
      RescoreContext context =
          builder.buildContext(
              index.newSearchExecutionContext(0, 0, searcher, () -> 0, null, Map.of(), null, null));
      ScoreDoc[] docs = {new ScoreDoc(0, 1)};
      TopDocs hits = new TopDocs(new TotalHits(1, TotalHits.Relation.EQUAL_TO), docs);

      TopDocs rescored = context.rescorer().rescore(hits, searcher, context);

      assertEquals(expected, rescored.scoreDocs[0].score, 1e-4f);
      assertEquals("multi-vector-bert-stanford", models.id("live"));
      Explanation explained =
          context.rescorer().explain(0, searcher, context, Explanation.match(1, "the query's"));
      assertThat(explained.toString(), containsString("not scored by model [live]"));
    }
  }
}
