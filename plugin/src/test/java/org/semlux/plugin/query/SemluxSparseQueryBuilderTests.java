package org.semlux.plugin.query;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.tests.index.RandomIndexWriter;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.common.ParsingException;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.index.mapper.MapperService;
import org.elasticsearch.index.mapper.vectors.TokenPruningConfig;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.inference.WeightedToken;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.SearchPlugin;
import org.elasticsearch.search.vectors.SparseVectorQueryWrapper;
import org.elasticsearch.test.AbstractQueryTestCase;
import org.elasticsearch.threadpool.TestThreadPool;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.batch.Workers;

public class SemluxSparseQueryBuilderTests extends AbstractQueryTestCase<SemluxSparseQueryBuilder> {
  private static final String FIELD = "mapped_sparse";
  private static TestThreadPool threads;
  private static SparseEncoder encoder;
  private static final QueryEncodings ENCODINGS = new QueryEncodings(id -> encoder);

  /** The query alone, with an encoder that is there. */
  public static final class SparseQueryPlugin extends Plugin implements SearchPlugin {
    @Override
    public List<QuerySpec<?>> getQueries() {
      return List.of(SemluxSparseQueryBuilder.spec(ENCODINGS));
    }
  }

  @BeforeClass
  public static void loadEncoder() throws IOException {
    threads = new TestThreadPool("sparse");
    encoder = SparseGolden.load(new Workers(threads.generic(), 1, threads.generic()));
  }

  @AfterClass
  public static void closeEncoder() {
    encoder.close();
    terminate(threads);
    encoder = null;
    threads = null;
  }

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SparseQueryPlugin.class);
  }

  /** The framework takes any version; indices from before 8.11 cannot have the field. */
  @Override
  protected Settings createTestIndexSettings() {
    return Settings.builder()
        .put(super.createTestIndexSettings())
        .put(IndexMetadata.SETTING_VERSION_CREATED, IndexVersion.current())
        .build();
  }

  @Override
  protected void initializeAdditionalMappings(MapperService mappers) throws IOException {
    mappers.merge(
        "_doc",
        new CompressedXContent("{\"properties\":{\"" + FIELD + "\":{\"type\":\"sparse_vector\"}}}"),
        MapperService.MergeReason.MAPPING_UPDATE);
  }

  /** Sends no action: the text is encoded on the node that asks. */
  @Override
  protected Object simulateMethod(Method method, Object[] arguments) {
    if (method.getName().equals("threadPool")) {
      return threads;
    }
    throw new UnsupportedOperationException(method.toString());
  }

  @Override
  protected SemluxSparseQueryBuilder doCreateTestQueryBuilder() {
    TermScoring scoring = randomScoring();
    return randomBoolean()
        ? new SemluxSparseQueryBuilder(
            ENCODINGS, FIELD, "splade", randomAlphaOfLengthBetween(3, 30), null, scoring)
        : new SemluxSparseQueryBuilder(ENCODINGS, FIELD, null, null, randomWeights(), scoring);
  }

  private static QueryWeights randomWeights() {
    List<WeightedToken> weights = new ArrayList<>();
    for (int i = randomIntBetween(1, 12); i > 0; i--) {
      weights.add(new WeightedToken("t" + i, randomFloat() + 0.001f));
    }
    return new QueryWeights(weights);
  }

  private static TermScoring randomScoring() {
    TokenPruningConfig config =
        randomBoolean()
            ? new TokenPruningConfig(randomIntBetween(1, 100), randomFloat(), randomBoolean())
            : null;
    return new TermScoring(randomOptionalBoolean(), config, randomFrom(0f, 0.5f, 1f, 2f));
  }

  @Override
  protected Map<String, String> getObjectsHoldingArbitraryContent() {
    return Map.of("query_vector", "query_vector");
  }

  /** Pruning asks the index how frequent tokens are. */
  @Override
  protected IndexReaderManager getIndexReaderManager() {
    return new IndexReaderManager() {
      @Override
      protected void initIndexWriter(RandomIndexWriter writer) throws IOException {
        for (int i = 1; i <= 12; i++) {
          Document document = new Document();
          document.add(new FeatureField(FIELD, "t" + i, i));
          document.add(new FeatureField(FIELD, "everywhere", 1));
          writer.addDocument(document);
        }
      }
    };
  }

  @Override
  protected void doAssertLuceneQuery(
      SemluxSparseQueryBuilder builder, Query query, SearchExecutionContext context) {
    assertThat(query, instanceOf(SparseVectorQueryWrapper.class));
  }

  public void testTextBecomesTheEncodersWeights() throws IOException {
    SearchExecutionContext context = createSearchExecutionContext();
    TermScoring scoring = new TermScoring(false, null, 2);
    var text =
        new SemluxSparseQueryBuilder(ENCODINGS, FIELD, "splade", "a man plays", null, scoring);
    text.boost(3).queryName("named");
    QueryBuilder rewritten = rewriteQuery(text, createQueryRewriteContext(), context);
    assertEquals("named", rewritten.queryName());
    assertEquals(3, rewritten.boost(), 0);

    TermWeights terms = encoder.encode(List.of("a man plays"), InputType.QUERY).get(0);
    List<WeightedToken> weights = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      weights.add(new WeightedToken(terms.tokens()[i], terms.weights()[i]));
    }
    QueryBuilder given =
        new SemluxSparseQueryBuilder(
            ENCODINGS, FIELD, null, null, new QueryWeights(weights), scoring);
    assertEquals(given.boost(3).queryName("named"), rewritten);
    assertFalse("no text is sent on", Strings.toString(rewritten).contains("a man plays"));
  }

  public void testEveryTermIsWeighted() throws IOException {
    List<WeightedToken> weights =
        List.of(new WeightedToken("cat", 2), new WeightedToken("mat", 0.5f));
    for (float idf : List.of(0f, 2f)) {
      var builder =
          new SemluxSparseQueryBuilder(
              ENCODINGS,
              FIELD,
              null,
              null,
              new QueryWeights(weights),
              new TermScoring(false, null, idf));
      var query = (SparseVectorQueryWrapper) builder.toQuery(createSearchExecutionContext());
      List<BooleanClause> clauses = ((BooleanQuery) query.getTermsQuery()).clauses();
      assertEquals(2, clauses.size());
      for (int i = 0; i < 2; i++) {
        BoostQuery clause = (BoostQuery) clauses.get(i).query();
        assertEquals(weights.get(i).weight(), clause.getBoost(), 0);
        assertEquals(idf > 0, clause.getQuery() instanceof IdfQuery);
        assertThat(clause.getQuery().toString(), containsString(weights.get(i).token()));
      }
    }
  }

  public void testFieldsThatCannotBeSearched() throws IOException {
    SearchExecutionContext context = createSearchExecutionContext();
    var absent =
        new SemluxSparseQueryBuilder(
            ENCODINGS, "absent", null, null, randomWeights(), TermScoring.DEFAULT);
    assertThat(absent.toQuery(context), instanceOf(MatchNoDocsQuery.class));
    var text =
        new SemluxSparseQueryBuilder(
            ENCODINGS, TEXT_FIELD_NAME, null, null, randomWeights(), TermScoring.DEFAULT);
    var e = expectThrows(IllegalArgumentException.class, () -> text.toQuery(context));
    assertThat(e.getMessage(), containsString("[mapped_string] must be of type [sparse_vector]"));
  }

  @Override
  public void testMustRewrite() throws IOException {
    var text =
        new SemluxSparseQueryBuilder(
            ENCODINGS, FIELD, "splade", "a man", null, TermScoring.DEFAULT);
    var e =
        expectThrows(
            IllegalStateException.class, () -> text.toQuery(createSearchExecutionContext()));
    assertThat(e.getMessage(), containsString("must be rewritten"));
  }

  public void testAsAUserWritesIt() throws IOException {
    String json =
        """
        {
          "semlux_sparse" : {
            "field" : "mapped_sparse",
            "model_id" : "splade",
            "query" : "a man plays",
            "prune" : true,
            "pruning_config" : {
              "tokens_freq_ratio_threshold" : 4.5,
              "tokens_weight_threshold" : 0.3,
              "only_score_pruned_tokens" : true
            },
            "idf" : 1.5,
            "boost" : 2.0,
            "_name" : "by terms"
          }
        }\
        """;
    checkGeneratedJson(json, parseQuery(json));
    checkGeneratedJson(
        """
        {"semlux_sparse":{"field":"f","query_vector":{"cat":1.5,"mat":0.0}}}\
        """,
        parseQuery(
            "{\"semlux_sparse\":{\"field\":\"f\",\"query_vector\":{\"cat\":1.5,\"mat\":0}}}"));
  }

  public void testWhatIsRefused() {
    refused("", "requires either [query_vector], or [query]");
    refused(",\"model_id\":\"m\",\"query\":\"x\",\"query_vector\":{}", "requires either");
    refused(",\"query\":\"x\"", "requires [model_id]");
    refused(",\"model_id\":\"m\",\"query_vector\":{\"a\":1}", "not with [query_vector]");
    refused(",\"model_id\":\"m\",\"query\":\" \"", "[query] is blank");
    refused(
        ",\"model_id\":\"m\",\"query\":\"" + "x".repeat(1_000_000) + "\"",
        "[query] has 1000000 characters: a query's text may have at most 100000");
    refused(",\"query_vector\":{\"cat\":-1}", "gives token [cat] the weight -1.0");
    refused(",\"query_vector\":{\"cat\":1e39}", "[cat]");
    refused(",\"query_vector\":{\"cat\":\"much\"}", "much");
    refused(",\"query_vector\":{\"cat\":1},\"idf\":-1", "[idf] must be");
    refused(",\"query_vector\":{\"cat\":1},\"idf\":11", "[idf] must be");
    refused(
        ",\"query_vector\":{\"cat\":1},\"pruning_config\":{\"tokens_weight_threshold\":2}",
        "[tokens_weight_threshold] must be between 0 and 1");
    refused(",\"query_vector\":{\"cat\":1},\"pruning\":true", "[pruning]");
  }

  private void refused(String fields, String message) {
    var e =
        expectThrows(
            ParsingException.class,
            () -> parseQuery("{\"semlux_sparse\":{\"field\":\"f\"" + fields + "}}"));
    assertThat(e.getMessage(), containsString(message));
  }
}
