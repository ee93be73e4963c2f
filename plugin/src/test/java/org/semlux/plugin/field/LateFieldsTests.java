package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.cluster.coordination.Coordinator;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.script.MockScriptPlugin;
import org.elasticsearch.script.Script;
import org.elasticsearch.script.ScriptType;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.cbor.CborXContent;
import org.semlux.plugin.FilteredAction;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;

/** Fields that are mapped only when the shard gets their first texts. */
public class LateFieldsTests extends TwoNodesTestCase {
  private static final String TEXT = "the river rises";
  private static final String FIELD = "{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}";
  private static final String TEXTS =
      "{\"dynamic_templates\":[{\"texts\":{\"match\":\"*_text\",\"mapping\":%s}}]}"
          .formatted(FIELD);

  /** A script that gives a document a text. */
  public static final class Scripts extends MockScriptPlugin {
    @Override
    @SuppressWarnings("unchecked") // what an update's script gets
    protected Map<String, Function<Map<String, Object>, Object>> pluginScripts() {
      return Map.of(
          "add",
          variables ->
              ((Map<String, Object>) ((Map<String, Object>) variables.get("ctx")).get("_source"))
                  .put("a_text", TEXT));
    }
  }

  /** Fails second writes where a test says so. */
  public static final class FailedSecondWrites extends Plugin implements ActionPlugin {
    static volatile boolean fail;

    private ThreadContext context;

    @Override
    public Collection<?> createComponents(PluginServices services) {
      context = services.threadPool().getThreadContext();
      return List.of();
    }

    @Override
    public Collection<MappedActionFilter> getMappedActionFilters() {
      return List.of(
          new FilteredAction(
              TransportShardBulkAction.ACTION_NAME,
              (request, listener, proceed) -> {
                if (fail && context.getHeader(SecondWrites.HEADER) != null) {
                  listener.onFailure(new IllegalStateException("the second write fails"));
                } else {
                  proceed.run();
                }
              }));
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(
        SemluxPlugin.class,
        Scripts.class,
        FailedSecondWrites.class,
        MockTransportService.TestPlugin.class);
  }

  @Override
  protected Settings nodeSettings(int node, Settings others) {
    return Settings.builder()
        .put(super.nodeSettings(node, others))
        .put("indices.breaker.request.type", "memory") // at random one that counts nothing
        .build();
  }

  private void create(String index, String mapping, Settings settings) throws Exception {
    if (index.equals("notes")) { // the first of a test
      new TinyModel(50_000).upload(client(), "tiny");
      deploy(client(), "tiny");
    }
    prepareCreate(index)
        .setSettings(
            Settings.builder()
                .put("number_of_shards", 1)
                .put("number_of_replicas", 1)
                .put(settings))
        .setMapping(mapping)
        .get();
    ensureGreen(index);
  }

  /** By any node: one of them holds the primary. */
  private static BulkRequestBuilder bulk() {
    return internalCluster()
        .client(randomFrom(internalCluster().getNodeNames()))
        .prepareBulk()
        .setRefreshPolicy(RefreshPolicy.IMMEDIATE);
  }

  private static BulkResponse written(BulkRequestBuilder bulk) {
    BulkResponse response = bulk.get();
    assertFalse(response.buildFailureMessage(), response.hasFailures());
    return response;
  }

  private static void assertFound(String index, String field, String text, String... ids) {
    assertResponse(
        client()
            .prepareSearch(index)
            .setQuery(
                QueryBuilders.wrapperQuery(
                    "{\"semlux\":{\"field\":\"%s\",\"query\":\"%s\"}}".formatted(field, text))),
        response -> {
          assertEquals(0, response.getFailedShards());
          assertEquals(
              index + "." + field,
              new TreeSet<>(List.of(ids)),
              new TreeSet<>(
                  Arrays.stream(response.getHits().getHits())
                      .filter(hit -> hit.getScore() > 0.999)
                      .map(hit -> hit.getId())
                      .toList()));
        });
  }

  /**
   * @param field that is searched
   * @param document of one text
   */
  private void assertWritten(String index, String mapping, String field, String document)
      throws Exception {
    create(index, mapping, Settings.EMPTY);
    BulkRequestBuilder bulk = bulk();
    for (String id : List.of("1", "2")) {
      bulk.add(
          prepareIndex(index).setId(id).setSource(document.formatted(TEXT), XContentType.JSON));
    }
    written(bulk);
    written(
        bulk()
            .add(
                prepareIndex(index)
                    .setId("3")
                    .setSource(document.formatted(TEXT), XContentType.JSON)));
    assertFound(index, field, TEXT, "1", "2", "3");
  }

  public void testTheFirstTextsOfFieldsThatTemplatesReachAreFound() throws Exception {
    assertWritten(
        "notes",
        """
        {"dynamic_templates":[{"s":{"match_mapping_type":"string","mapping":{"type":"text","copy_to":"body"}}}],
         "properties":{"body":%s}}"""
            .formatted(FIELD),
        "body",
        "{\"title\":\"%s\"}");
    assertWritten(
        "multi",
        """
        {"dynamic_templates":[{"s":{"match_mapping_type":"string",
          "mapping":{"type":"text","fields":{"meaning":%s}}}}]}"""
            .formatted(FIELD),
        "title.meaning",
        "{\"title\":[\"%s\"]}");
    assertWritten(
        "object",
        """
        {"dynamic_templates":[{"s":{"match_mapping_type":"object","match":"page",
          "mapping":{"type":"object","properties":{"body":%s}}}}]}"""
            .formatted(FIELD),
        "page.body",
        "{\"page\":{\"body\":\"%s\"}}");
    assertWritten("direct", TEXTS, "a_text", "{\"a_text\":\"%s\"}");
  }

  /** One of them was known and is encoded; what else is copied to the field was not. */
  public void testAllSourcesOfAFieldAreFound() throws Exception {
    create(
        "notes",
        """
        {"dynamic_templates":[{"s":{"match":"*_too","mapping":{"type":"text","copy_to":"body"}}}],
         "properties":{"body":%s,"z":{"type":"text","copy_to":"body"}}}"""
            .formatted(FIELD),
        Settings.EMPTY);
    written(
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("body", "a dog", "a_too", TEXT))
            .add(prepareIndex("notes").setId("2").setSource("z", List.of("a dog"), "b_too", TEXT))
            .add(prepareIndex("notes").setId("3").setSource("body", TEXT, "c_too", " "))
            .add(
                client()
                    .prepareUpdate("notes", "4")
                    .setDoc("body", "a dog", "d_too", TEXT)
                    .setDocAsUpsert(true)));
    assertFound("notes", "body", TEXT, "1", "2", "3", "4");
    assertFound("notes", "body", "a dog", "1", "2", "4");
  }

  /** What is written of a bulk is answered so, whatever becomes of the rest. */
  public void testASecondWriteThatFailsLosesNoAnswer() throws Exception {
    create("notes", TEXTS, Settings.EMPTY);
    FailedSecondWrites.fail = true;
    try {
      BulkItemResponse[] items =
          bulk()
              .add(prepareIndex("notes").setId("1").setSource("n", 1))
              .add(prepareIndex("notes").setId("2").setSource("a_text", TEXT))
              .get()
              .getItems();
      assertFalse(items[0].isFailed());
      assertThat(items[1].getFailureMessage(), containsString("the second write fails"));
    } finally {
      FailedSecondWrites.fail = false;
    }
    written(bulk().add(prepareIndex("notes").setId("2").setSource("a_text", TEXT)));
    assertFound("notes", "a_text", TEXT, "2");
  }

  /** A node that hears late of the mapping, or not as long as the bulk may take. */
  public void testTheMappingIsWaitedFor() throws Exception {
    String master = internalCluster().getMasterName();
    String other =
        Arrays.stream(internalCluster().getNodeNames())
            .filter(name -> !name.equals(master))
            .findFirst()
            .orElseThrow();
    create(
        "notes",
        TEXTS,
        Settings.builder()
            .put("number_of_replicas", 0)
            .put("index.routing.allocation.require._name", master)
            .build());
    prepareIndex("notes").setId("0").setSource("known_text", TEXT).get();
    CircuitBreaker memory =
        internalCluster()
            .getInstance(CircuitBreakerService.class, other)
            .getBreaker(CircuitBreaker.REQUEST);
    MockTransportService deaf = MockTransportService.getInstance(other);
    for (boolean late : List.of(true, false)) {
      String field = late + "_text";
      deaf.addRequestHandlingBehavior(
          Coordinator.COMMIT_STATE_ACTION_NAME,
          (handler, request, channel, task) ->
              channel.sendResponse(new ElasticsearchException("this state is not heard of")));
      BulkItemResponse[] items;
      try {
        ActionFuture<BulkResponse> answer =
            internalCluster()
                .client(other)
                .prepareBulk()
                .setTimeout(TimeValue.timeValueSeconds(late ? 60 : 5))
                .add(prepareIndex("notes").setId("1").setSource("known_text", TEXT))
                .add(prepareIndex("notes").setId("2").setSource("known_text", TEXT, field, TEXT))
                .execute();
        assertBusy(() -> assertTrue(mapped("notes").containsKey(field)));
        if (late) {
          assertBusy(() -> assertTrue(memory.getUsed() > 0)); // its vectors
          assertFalse(answer.isDone());
          deaf.clearAllRules();
          createIndex("other"); // a state that is heard of
        }
        items = answer.get(30, TimeUnit.SECONDS).getItems();
      } finally {
        deaf.clearAllRules();
      }
      assertFalse(items[0].isFailed());
      assertEquals(
          items[1].getFailureMessage(),
          late ? RestStatus.CREATED : RestStatus.TOO_MANY_REQUESTS,
          items[1].status());
      assertBusy(() -> assertEquals(0, memory.getUsed()));
    }
    indicesAdmin().prepareRefresh("notes").get();
    assertFound("notes", "true_text", TEXT, "2");
  }

  /** CBOR has bytes, which are no text. */
  public void testBytesAreRefused() throws Exception {
    create("notes", "{\"properties\":{\"body\":%s}}".formatted(FIELD), Settings.EMPTY);
    try (XContentBuilder cbor = CborXContent.contentBuilder()) {
      BulkItemResponse item =
          bulk()
              .add(
                  prepareIndex("notes")
                      .setSource(
                          cbor.startObject()
                              .field("body", TEXT.getBytes(StandardCharsets.UTF_8))
                              .endObject()))
              .get()
              .getItems()[0];
      assertEquals(RestStatus.BAD_REQUEST, item.status());
      assertThat(item.getFailureMessage(), containsString("[body] holds bytes"));
    }
  }

  public void testUpdatesMakeFieldsToo() throws Exception {
    create("notes", TEXTS, Settings.EMPTY);
    for (String id : List.of("1", "2")) {
      prepareIndex("notes").setId(id).setSource("n", 1).get();
    }
    Script add = new Script(ScriptType.INLINE, MockScriptPlugin.NAME, "add", Map.of());
    BulkResponse response =
        written(
            bulk()
                .add(client().prepareUpdate("notes", "1").setScript(add))
                .add(client().prepareUpdate("notes", "2").setDoc("a_text", TEXT))
                .add(
                    client()
                        .prepareUpdate("notes", "3")
                        .setDoc("a_text", TEXT)
                        .setDocAsUpsert(true))
                .add(prepareIndex("notes").setId("4").setSource("n", 1)));
    assertEquals(
        List.of("1", "2", "3", "4"),
        Arrays.stream(response.getItems()).map(BulkItemResponse::getId).toList());
    assertFound("notes", "a_text", TEXT, "1", "2", "3");
  }

  /** A field that was mapped later: an update of another one writes the document again. */
  public void testOldDocumentsCanBeUpdated() throws Exception {
    create("notes", "{\"properties\":{\"title\":{\"type\":\"text\"}}}", Settings.EMPTY);
    prepareIndex("notes").setId("1").setSource("title", TEXT).get();
    indicesAdmin()
        .preparePutMapping("notes")
        .setSource(
            "{\"properties\":{\"title\":{\"type\":\"text\",\"fields\":{\"meaning\":%s}}}}"
                .formatted(FIELD),
            XContentType.JSON)
        .get();
    written(bulk().add(client().prepareUpdate("notes", "1").setDoc("n", 1)));
    assertFound("notes", "title.meaning", TEXT, "1");
  }

  public void testTheLastTextOfADocumentStays() throws Exception {
    create("notes", TEXTS, Settings.EMPTY);
    written(
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("a_text", "a dog"))
            .add(prepareIndex("notes").setId("1").setSource("a_text", TEXT))
            .add(prepareIndex("notes").setId("2").setSource("a_text", "a dog"))
            .add(client().prepareUpdate("notes", "2").setDoc("a_text", TEXT)));
    assertFound("notes", "a_text", TEXT, "1", "2");
    // What is written since stays: others may have read it and written in their turn.
    BulkResponse response =
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("b_text", "a dog"))
            .add(prepareIndex("notes").setId("1").setSource("n", 1))
            .add(prepareIndex("notes").setId("2").setSource("b_text", "a dog"))
            .add(client().prepareDelete("notes", "2"))
            .get();
    assertEquals(
        List.of(true, false, true, false),
        Arrays.stream(response.getItems()).map(BulkItemResponse::isFailed).toList());
    assertFound("notes", "b_text", "a dog");
    assertFound("notes", "a_text", TEXT);
  }

  /** Else the update would be lost. */
  public void testWhatAnUpdateWasMadeOfSinceStays() throws Exception {
    create("notes", TEXTS, Settings.EMPTY);
    prepareIndex("notes").setId("1").setSource("n", 1).get();
    BulkItemResponse[] items =
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("a_text", TEXT))
            .add(client().prepareUpdate("notes", "1").setDoc("m", 2))
            .get()
            .getItems();
    assertFalse(items[1].isFailed());
    assertEquals(RestStatus.TOO_MANY_REQUESTS, items[0].status());
    assertThat(items[0].getFailureMessage(), containsString("send the document again"));
    assertEquals(Map.of("n", 1, "m", 2), client().prepareGet("notes", "1").get().getSourceAsMap());
  }

  public void testAFieldTooManyFailsItsDocumentAlone() throws Exception {
    create("notes", TEXTS, Settings.builder().put("index.mapping.nested_fields.limit", 2).build());
    BulkResponse response =
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("a_text", TEXT))
            .add(prepareIndex("notes").setId("2").setSource("b_text", TEXT))
            .add(prepareIndex("notes").setId("3").setSource("c_text", TEXT))
            .add(prepareIndex("notes").setId("4").setSource("a_text", TEXT, "n", 1))
            .get();
    assertEquals(
        List.of(false, false, true, false),
        Arrays.stream(response.getItems()).map(BulkItemResponse::isFailed).toList());
    assertThat(
        ExceptionsHelper.stackTrace(response.getItems()[2].getFailure().getCause()),
        containsString("nested fields"));
    assertFound("notes", "a_text", TEXT, "1", "4");
    assertFound("notes", "b_text", TEXT, "2");
  }

  /** As with Elasticsearch's own fields, the first document says what else is. */
  public void testDocumentsMapOneAfterTheOther() throws Exception {
    create("notes", TEXTS, Settings.EMPTY);
    BulkResponse response =
        bulk()
            .add(prepareIndex("notes").setId("1").setSource("a_text", TEXT, "n", 5))
            .add(prepareIndex("notes").setId("2").setSource("b_text", TEXT, "n", "abc"))
            .add(prepareIndex("notes").setId("3").setSource("c_text", TEXT, "n", Map.of("x", 1)))
            .get();
    assertEquals(
        List.of(false, true, true),
        Arrays.stream(response.getItems()).map(BulkItemResponse::isFailed).toList());
    assertFound("notes", "a_text", TEXT, "1");
    assertEquals(Map.of("type", "long"), mapped("notes").get("n"));
  }

  private static Map<?, ?> mapped(String index) {
    return (Map<?, ?>)
        indicesAdmin()
            .prepareGetMappings(TEST_REQUEST_TIMEOUT, index)
            .get()
            .getMappings()
            .get(index)
            .sourceAsMap()
            .get("properties");
  }
}
