package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ClusterSearches.ids;
import static org.semlux.plugin.ClusterSearches.request;
import static org.semlux.plugin.ClusterSearches.search;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.support.WriteRequest;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.CollectionUtils;
import org.elasticsearch.index.mapper.DocumentParserContext;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.KeywordFieldMapper;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.MapperBuilderContext;
import org.elasticsearch.index.mapper.MappingParserContext;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;

/** Searches of a field of type {@code semlux_text}, alone and within retrievers. */
public class FieldSearchTests extends SharedNodesTestCase {
  private static final Path CROSS =
      Path.of("../tests/src/test/resources/goldens/cross-bert").toAbsolutePath();
  private static final String QUERY = "the river rises";
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");
  private static final int DOCUMENTS = 40;

  /** Few documents, whose graph connects nearly all: so neighbours are found exactly. */
  private static final String MAPPING =
      """
      {"properties":{
        "body":{"type":"semlux_text","model_id":"tiny","index_options":{"type":"hnsw"}},
        "aka":{"type":"alias","path":"body"},
        "vector":{"type":"dense_vector"},
        "alias":{"type":"alias","path":"vector"},
        "tag":{"type":"keyword"},
        "n":{"type":"integer"},
        "notes":{"type":"nested","properties":{"kind":{"type":"keyword"}}}}}""";

  private String node;

  /** Of each document one note says whether its number is even. */
  private void index() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    ModelCalls.deploy(client(), "tiny");
    create("docs", MAPPING);
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < DOCUMENTS; i++) {
      Map<String, Object> source = new HashMap<>();
      source.put("body", i + " " + words(between(1, 8)));
      source.put("n", i);
      source.put("vector", List.of(i + 1, 1));
      source.put("tag", "all");
      source.put("notes", List.of(Map.of("kind", "note"), Map.of("kind", i % 2 == 0 ? "a" : "b")));
      bulk.add(prepareIndex("docs").setId("" + i).setSource(source));
    }
    assertFalse(bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get().hasFailures());
    node = randomFrom(internalCluster().getNodeNames());
  }

  private void create(String index, String mapping) {
    prepareCreate(index)
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping(mapping)
        .get();
    ensureGreen(index);
  }

  private static String words(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> randomFrom(WORDS))
        .collect(Collectors.joining(" "));
  }

  private static String semlux(String options) {
    return "{\"semlux\":{\"field\":\"body\",\"query\":\"%s\"%s}}".formatted(QUERY, options);
  }

  /** All documents, best first; open for more to be added, as all searches here. */
  private List<String> all() {
    List<String> all = ids(node, "{\"query\":" + semlux(",\"k\":40") + ",\"size\":40");
    assertEquals(DOCUMENTS, all.size());
    return all;
  }

  /** What a retriever ranks best may stand last for the query that it asks. */
  public void testAPageOfARetrieverIsThatOfItsWholeWindow() throws Exception {
    index();
    new TinyModel(50_000, CROSS).upload(client(), "cross");
    ModelCalls.deploy(client(), "cross");
    String standard = "{\"standard\":{\"query\":" + semlux("") + "}}";
    String sorted =
        "{\"standard\":{\"query\":{\"term\":{\"tag\":\"all\"}},\"sort\":[{\"n\":\"desc\"}]}}";
    for (String retriever :
        List.of(
            "\"semlux_rerank\":{\"model_id\":\"cross\",\"field\":\"body\",\"query\":\"%s\",\"retriever\":%s"
                .formatted(QUERY, standard),
            "\"semlux_fusion\":{\"weights\":[1,5],\"retrievers\":[%s,%s]"
                .formatted(standard, sorted),
            "\"semlux_diversify\":{\"field\":\"body\",\"lambda\":0,\"retriever\":" + standard)) {
      String body = "{\"retriever\":{" + retriever + ",\"rank_window_size\":40}}";
      List<String> window = ids(node, body + ",\"size\":40");
      assertEquals(DOCUMENTS, window.size());
      assertEquals(window.subList(0, 3), ids(node, body + ",\"size\":3"));
      assertEquals(window.subList(20, 24), ids(node, body + ",\"size\":4,\"from\":20"));
    }
  }

  public void testAWindowOfARescorerIsFilled() throws Exception {
    index();
    String byNumber =
        "{\"window_size\":%s,\"query\":{\"query_weight\":0,\"rescore_query\":{\"function_score\":{\"field_value_factor\":{\"field\":\"n\"},\"boost_mode\":\"replace\"}}}}";
    String wide = byNumber.formatted(40);
    assertEquals(
        List.of("39", "38"),
        ids(node, "{\"query\":%s,\"size\":2,\"rescore\":%s".formatted(semlux(""), wide)));
    // The first of a retriever's rescorers may look at more hits than the last.
    String retriever =
        "{\"retriever\":{\"rescorer\":{\"retriever\":{\"standard\":{\"query\":%s}},\"rescore\":[%s,%s]}}"
            .formatted(semlux(""), wide, byNumber.formatted(2));
    assertEquals(List.of("39", "38"), ids(node, retriever));
  }

  public void testPagesAndCountsNeedNoNumberOfNeighbours() throws Exception {
    index();
    List<String> all = all();
    String query = "{\"query\":" + semlux("");
    assertEquals(all.subList(0, 10), ids(node, query));
    assertEquals(all.subList(10, 20), ids(node, query + ",\"from\":10"));
    assertEquals(all.subList(30, 40), ids(node, query + ",\"from\":30"));
    search(
        node,
        query + ",\"size\":0",
        response -> assertEquals(10, response.getHits().getTotalHits().value()));
    assertEquals(4, ids(node, "{\"query\":" + semlux(",\"num_candidates\":4")).size());
  }

  /** A filter that looks into other nested objects finds what it does where it stands alone. */
  public void testFiltersAreAboutDocuments() throws Exception {
    index();
    String nested = "{\"nested\":{\"path\":\"notes\",\"query\":{\"term\":{\"notes.kind\":\"b\"}}}}";
    List<String> odd = all().stream().filter(id -> Integer.parseInt(id) % 2 == 1).toList();
    List<String> even = all().stream().filter(id -> Integer.parseInt(id) % 2 == 0).toList();
    String filtered = "{\"query\":" + semlux(",\"k\":5,\"filter\":" + nested);
    assertEquals(odd.subList(0, 5), ids(node, filtered));
    assertEquals(
        even.subList(0, 5),
        ids(
            node,
            "{\"query\":"
                + semlux(",\"k\":5,\"filter\":{\"bool\":{\"must_not\":" + nested + "}}")));
    search(
        node,
        "{\"query\":" + semlux(",\"k\":5,\"inner_hits\":{},\"filter\":" + nested),
        response -> {
          assertEquals(5, response.getHits().getHits().length);
          for (SearchHit hit : response.getHits()) {
            assertEquals(1, hit.getInnerHits().get("body.chunks").getHits().length);
          }
        });
    client()
        .admin()
        .indices()
        .prepareAliases(TEST_REQUEST_TIMEOUT, TEST_REQUEST_TIMEOUT)
        .addAlias(
            "docs",
            "odd",
            QueryBuilders.nestedQuery(
                "notes",
                QueryBuilders.termQuery("notes.kind", "b"),
                org.apache.lucene.search.join.ScoreMode.None))
        .get();
    assertResponse(
        request(node, "{\"query\":" + semlux(",\"k\":5")).setIndices("odd"),
        response ->
            assertEquals(
                odd.subList(0, 5),
                Arrays.stream(response.getHits().getHits()).map(SearchHit::getId).toList()));
  }

  public void testAFieldIsSearchedByItsAlias() throws Exception {
    index();
    List<String> all = all();
    search(
        node,
        "{\"query\":"
            + semlux(",\"k\":40").replace("body", "aka")
            + ",\"size\":40,\"highlight\":{\"fields\":{\"aka\":{},\"body\":{}}}",
        response -> {
          List<String> found = new ArrayList<>();
          for (SearchHit hit : response.getHits()) {
            found.add(hit.getId());
            assertEquals(2, hit.getHighlightFields().size());
          }
          assertEquals(all, found);
        });
  }

  /** Places in a text that is not kept are those of nothing, not of the text that is found. */
  public void testPassagesAreOfTheirOwnTextOrNone() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    ModelCalls.deploy(client(), "tiny");
    node = randomFrom(internalCluster().getNodeNames());
    create(
        "docs",
        """
        {"_source":{"excludes":["abstract"]},"properties":{
          "abstract":{"type":"text","copy_to":"body"},
          "body":{"type":"semlux_text","model_id":"tiny"}}}""");
    BulkRequestBuilder bulk = client().prepareBulk();
    bulk.add(prepareIndex("docs").setId("whole").setSource("body", "the river rises"));
    bulk.add(
        prepareIndex("docs")
            .setId("part")
            .setSource("abstract", "rain by day", "body", "the dog and the cat walk by the river"));
    assertFalse(bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get().hasFailures());
    search(
        node,
        ("{\"query\":%s,\"highlight\":{\"fields\":{\"body\":{\"number_of_fragments\":0}}},"
                + "\"fields\":[{\"field\":\"body\",\"format\":\"chunks\"}]")
            .formatted(semlux("")),
        response -> {
          assertEquals(2, response.getHits().getHits().length);
          for (SearchHit hit : response.getHits()) {
            String shown =
                hit.getHighlightFields().values().stream()
                    .map(field -> field.fragments()[0].string())
                    .collect(Collectors.joining());
            assertEquals(hit.getId().equals("whole") ? QUERY : "", shown);
            Set<Object> texts =
                hit.field("body").getValues().stream()
                    .map(chunk -> ((Map<?, ?>) chunk).get("text"))
                    .collect(Collectors.toSet());
            assertEquals(Set.of(shown), texts);
          }
        });
    new TinyModel(50_000, CROSS).upload(client(), "cross");
    ModelCalls.deploy(client(), "cross");
    String rerank =
        "{\"retriever\":{\"semlux_rerank\":{\"model_id\":\"cross\",\"field\":\"body\",\"chunks\":2,"
            + "\"query\":\"rain\"%s,\"retriever\":{\"standard\":{\"query\":%s}}}}";
    assertEquals(List.of("whole", "part"), ids(node, rerank.formatted("", "{\"match_all\":{}}")));
    for (String least : List.of("", ",\"min_score\":0.01")) {
      assertRefused(
          rerank.formatted(least, "{\"ids\":{\"values\":[\"part\"]}}"),
          RestStatus.BAD_REQUEST,
          "[chunks] of [body] cannot be read");
    }
  }

  /** A field that needs an index to make queries of documents, as {@code percolator} does. */
  public static final class Queries extends Plugin implements MapperPlugin {
    private static final String TYPE = "queries";

    @Override
    public Map<String, Mapper.TypeParser> getMappers() {
      return Map.of(TYPE, new FieldMapper.TypeParser(QueriesBuilder::new));
    }
  }

  private static final class QueriesBuilder extends FieldMapper.Builder {
    private final MappingParserContext parsers;

    QueriesBuilder(String name, MappingParserContext parsers) {
      super(name);
      this.parsers = parsers;
    }

    @Override
    protected FieldMapper.Parameter<?>[] getParameters() {
      return new FieldMapper.Parameter<?>[0];
    }

    @Override
    public String contentType() {
      return Queries.TYPE;
    }

    @Override
    public FieldMapper build(MapperBuilderContext context) {
      return new QueriesMapper(leafName(), context, builderParams(this, context), parsers);
    }
  }

  private static final class QueriesMapper extends FieldMapper {
    private final MappingParserContext parsers;

    QueriesMapper(
        String name,
        MapperBuilderContext context,
        BuilderParams params,
        MappingParserContext parsers) {
      super(name, new KeywordFieldMapper.KeywordFieldType(context.buildFullName(name)), params);
      this.parsers = parsers;
    }

    @Override
    protected void parseCreateField(DocumentParserContext context) {
      assertNotNull(parsers.searchExecutionContext().get());
    }

    @Override
    protected String contentType() {
      return Queries.TYPE;
    }

    @Override
    public FieldMapper.Builder getMergeBuilder() {
      return new QueriesBuilder(leafName(), parsers).init(this);
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return CollectionUtils.appendToCopy(super.nodePlugins(), Queries.class);
  }

  /** Every document brings a field of its own, on the node with the index's shard and without. */
  public void testFieldsOfDynamicTemplates() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    ModelCalls.deploy(client(), "tiny");
    create(
        "docs",
        """
        {"dynamic_templates":[{"texts":{"match":"*_text",
          "mapping":{"type":"semlux_text","model_id":"tiny"}}}],
          "properties":{"asked":{"type":"queries"}}}""");
    for (String writer : internalCluster().getNodeNames()) {
      for (int i = 0; i < 3; i++) {
        String field = writer + i + "_text";
        internalCluster()
            .client(writer)
            .prepareIndex("docs")
            .setId(field)
            .setSource(i == 1 ? Map.of(field, QUERY, "asked", "all") : Map.of(field, QUERY))
            .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
            .get();
        assertEquals(
            List.of(field), ids(writer, "{\"query\":" + semlux("").replace("body", field)));
      }
    }
  }

  private void assertRefused(String body, RestStatus status, String message) {
    Exception e = expectThrows(Exception.class, () -> search(node, body, response -> {}));
    assertEquals(e.toString(), status, ExceptionsHelper.status(e));
    assertThat(ExceptionsHelper.stackTrace(e), containsString(message));
  }

  public void testHighlightsOfOtherFieldsAreRefused() throws Exception {
    index();
    assertRefused(
        "{\"query\":%s,\"highlight\":{\"fields\":{\"tag\":{\"type\":\"semlux\"}}}"
            .formatted(semlux("")),
        RestStatus.BAD_REQUEST,
        "field [tag] must be of type [semlux_text], not [keyword]");
  }

  public void testDiversifyTakesTextsWithoutVectorsAndRefusesHitsWithoutScores() throws Exception {
    index();
    prepareIndex("docs")
        .setId("blank")
        .setSource("body", List.of(" ", ""), "tag", "all")
        .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
        .get();
    String diversify =
        "{\"retriever\":{\"semlux_diversify\":{\"field\":\"%s\",\"lambda\":0.1,\"retriever\":"
            + "{\"standard\":{\"query\":{\"match_all\":{}}%s}},\"rank_window_size\":50}},\"size\":50";
    for (String field : List.of("body", "aka")) {
      search(
          node,
          diversify.formatted(field, ""),
          response -> {
            assertEquals(DOCUMENTS + 1, response.getHits().getHits().length);
            for (SearchHit hit : response.getHits()) {
              if (hit.getId().equals("blank")) { // 0.1 times its relevance, and no likeness
                assertEquals(1.1, hit.getScore(), 1e-3);
              }
            }
          });
    }
    String blank =
        diversify
            .formatted("body", "")
            .replace("\"match_all\":{}", "\"ids\":{\"values\":[\"blank\"]}");
    assertEquals(List.of("blank"), ids(node, blank));
    assertRefused(
        diversify.formatted("body", ",\"sort\":[{\"n\":\"asc\"}]"),
        RestStatus.BAD_REQUEST,
        "[semlux_diversify] weighs relevance");
    assertEquals(
        ids(node, diversify.formatted("body", "")),
        ids(node, diversify.formatted("body", ",\"sort\":[{\"tag\":\"asc\"},\"_score\"]")));
    assertRefused(
        diversify.formatted("bodi", ""),
        RestStatus.BAD_REQUEST,
        "[field] names [bodi], and no index of the search has a field of that name");
    assertRefused(
        diversify.formatted("alias", ""),
        RestStatus.BAD_REQUEST,
        "has no vectors in field [alias]: it is an alias, so name the field itself, [vector]");
    assertRefused(
        diversify.formatted("n", ""),
        RestStatus.BAD_REQUEST,
        "has no vectors in field [n]: it holds [");
  }

  /**
   * One index has no field to be sorted by, so its shard fails where the window is searched for.
   */
  public void testAShardThatIsMissingInAWindowIsTold() throws Exception {
    index();
    create("other", "{\"properties\":{\"tag\":{\"type\":\"keyword\"}}}");
    prepareIndex("other")
        .setId("other")
        .setSource("tag", "all")
        .setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE)
        .get();
    String sorted =
        "{\"standard\":{\"query\":{\"match_all\":{}},\"sort\":[{\"n\":\"desc\"},\"_score\"]}}";
    new TinyModel(50_000, CROSS).upload(client(), "cross");
    ModelCalls.deploy(client(), "cross");
    for (String retriever :
        List.of(
            "\"semlux_rerank\":{\"model_id\":\"cross\",\"field\":\"tag\",\"query\":\"q\",\"retriever\":"
                + sorted,
            "\"semlux_fusion\":{\"retrievers\":[" + sorted + "]",
            "\"semlux_diversify\":{\"field\":\"body\",\"retriever\":" + sorted)) {
      Exception e =
          expectThrows(
              Exception.class,
              () ->
                  request(node, "{\"retriever\":{" + retriever + "}}")
                      .setIndices("docs", "other")
                      .get()
                      .decRef());
      assertEquals(RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
      assertThat(e.getMessage(), containsString("[other][0]"));
      assertThat(e.getMessage(), containsString("No mapping found for [n]"));
    }
  }
}
