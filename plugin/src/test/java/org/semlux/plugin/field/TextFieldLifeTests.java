package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.hasSize;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.elasticsearch.action.admin.indices.rollover.RolloverRequest;
import org.elasticsearch.action.admin.indices.template.put.TransportPutComposableIndexTemplateAction;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.ComposableIndexTemplate;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.cluster.metadata.Template;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.ingest.AbstractProcessor;
import org.elasticsearch.ingest.IngestDocument;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.plugins.IngestPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.script.MockScriptPlugin;
import org.elasticsearch.script.Script;
import org.elasticsearch.script.ScriptType;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;

/** Scripts and data streams, which the distribution of the real node's tests lacks. */
public class TextFieldLifeTests extends TwoNodesTestCase {
  private static final String FIELD =
      "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}";

  /** A script that changes the text. */
  public static final class Scripts extends MockScriptPlugin {
    @Override
    @SuppressWarnings("unchecked") // what an update's script gets
    protected Map<String, Function<Map<String, Object>, Object>> pluginScripts() {
      return Map.of(
          "change",
          variables -> {
            var document =
                (Map<String, Object>) ((Map<String, Object>) variables.get("ctx")).get("_source");
            return document.put("body", document.get("body") + " again");
          });
    }
  }

  /** A processor that counts how often a document, or what is to be a part of one, came by. */
  public static final class Counting extends Plugin implements IngestPlugin {
    @Override
    public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
      return Map.of(
          "count",
          (factories, tag, description, config, project) ->
              new AbstractProcessor(tag, description) {
                @Override
                public IngestDocument execute(IngestDocument document) {
                  int seen =
                      document.hasField("seen") ? document.getFieldValue("seen", Integer.class) : 0;
                  document.setFieldValue("seen", seen + 1);
                  return document;
                }

                @Override
                public String getType() {
                  return "count";
                }
              });
    }
  }

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, Scripts.class, Counting.class);
  }

  private static QueryBuilder query(String text) {
    return QueryBuilders.wrapperQuery(
        "{\"semlux\":{\"field\":\"body\",\"query\":\"" + text + "\",\"k\":20}}");
  }

  /** By a score of 1: so its vector is that of the text. */
  private static void assertFound(String index, String text, String id) {
    assertResponse(
        client().prepareSearch(index).setQuery(query(text)),
        response -> {
          assertEquals(0, response.getFailedShards());
          assertEquals(id, response.getHits().getAt(0).getId());
          assertEquals(1, response.getHits().getAt(0).getScore(), 1e-3);
          assertEquals(text, response.getHits().getAt(0).getSourceAsMap().get("body"));
        });
  }

  public void testScriptsEncodeWhatTheyChange() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    prepareCreate("notes").setMapping(FIELD).get();
    for (String id : List.of("1", "2")) {
      prepareIndex("notes").setId(id).setSource("body", "text " + id).get();
    }
    Script change = new Script(ScriptType.INLINE, MockScriptPlugin.NAME, "change", Map.of());
    client().prepareUpdate("notes", "1").setScript(change).get();
    BulkResponse bulk =
        client()
            .prepareBulk()
            .add(client().prepareUpdate("notes", "1").setScript(change))
            .add(client().prepareUpdate("notes", "2").setScript(change))
            .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
            .get();
    assertFalse(bulk.buildFailureMessage(), bulk.hasFailures());
    assertFound("notes", "text 1 again again", "1");
    assertFound("notes", "text 2 again", "2");
  }

  /** What Elasticsearch itself makes of a bulk's updates is the measure. */
  public void testUpdatesOfABulkGoThroughNoOtherPipelinesThanElsewhere() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    putJsonPipeline("counted", "{\"processors\":[{\"count\":{}}]}");
    var piped =
        Settings.builder()
            .put("index.default_pipeline", "counted")
            .put("index.number_of_shards", 1)
            .put("index.number_of_replicas", 1);
    prepareCreate("notes").setSettings(piped).setMapping(FIELD).get();
    prepareCreate("plain")
        .setSettings(piped)
        .setMapping("{\"properties\":{\"body\":{\"type\":\"text\"}}}")
        .get();
    ensureGreen();
    Script change = new Script(ScriptType.INLINE, MockScriptPlugin.NAME, "change", Map.of());
    Map<String, List<Object>> answers = new HashMap<>();
    for (String index : List.of("notes", "plain")) {
      for (String id : List.of("part", "upsert", "script")) {
        prepareIndex(index).setId(id).setSource("body", "before").get();
      }
      BulkResponse bulk =
          client(internalCluster().getRandomNodeName())
              .prepareBulk()
              .add(client().prepareUpdate(index, "part").setDoc("body", "after"))
              .add(client().prepareUpdate(index, "script").setScript(change))
              .add(client().prepareUpdate(index, "upsert").setDoc("body", "a").setDocAsUpsert(true))
              .add(client().prepareUpdate(index, "new").setDoc("body", "a").setDocAsUpsert(true))
              .add(
                  client().prepareUpdate(index, "other").setDoc("body", "b").setUpsert("body", "a"))
              .get();
      assertFalse(bulk.buildFailureMessage(), bulk.hasFailures());
      List<Object> found = new ArrayList<>();
      for (BulkItemResponse item : bulk.getItems()) {
        found.add(client().prepareGet(index, item.getId()).get().getSourceAsMap());
        found.add(item.getResponse().getShardInfo().toString());
      }
      answers.put(index, found);
    }
    assertEquals(answers.get("plain"), answers.get("notes"));
    client().prepareUpdate("notes", "part").setDoc("body", "alone").get();
    assertEquals(2, client().prepareGet("notes", "part").get().getSourceAsMap().get("seen"));
    client().admin().indices().prepareDelete("notes", "plain").get();
    deletePipeline("counted");
  }

  public void testDataStreams() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    var template =
        ComposableIndexTemplate.builder()
            .indexPatterns(List.of("stream"))
            .template(
                Template.builder()
                    .mappings(
                        new CompressedXContent(
                            FIELD.replace(
                                "\"body\"", "\"@timestamp\":{\"type\":\"date\"},\"body\""))))
            .dataStreamTemplate(new ComposableIndexTemplate.DataStreamTemplate())
            .build();
    client()
        .execute(
            TransportPutComposableIndexTemplateAction.TYPE,
            new TransportPutComposableIndexTemplateAction.Request("stream").indexTemplate(template))
        .get();
    write("1", "old");
    client().admin().indices().rolloverIndex(new RolloverRequest("stream", null)).get();
    write("2", "new");
    assertFound("stream", "old", "1");
    assertFound("stream", "new", "2");
    assertResponse(
        client().prepareSearch("stream").setQuery(query("old")),
        response ->
            assertThat(
                List.of(response.getHits().getHits()).stream()
                    .map(hit -> hit.getIndex())
                    .distinct()
                    .toList(),
                hasSize(2)));
    removeStream();
  }

  /** There is no action for it here; and what it writes to cannot be deleted. */
  @SuppressWarnings("deprecation") // the one way for a test to change the state
  private static void removeStream() throws Exception {
    CountDownLatch removed = new CountDownLatch(1);
    internalCluster()
        .getCurrentMasterNodeInstance(ClusterService.class)
        .submitUnbatchedStateUpdateTask(
            "remove",
            new ClusterStateUpdateTask() {
              @Override
              public ClusterState execute(ClusterState state) {
                var project = state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID);
                return ClusterState.builder(state)
                    .putProjectMetadata(
                        ProjectMetadata.builder(project).removeDataStream("stream").build())
                    .build();
              }

              @Override
              public void clusterStateProcessed(ClusterState before, ClusterState after) {
                removed.countDown();
              }

              @Override
              public void onFailure(Exception e) {
                throw new AssertionError(e);
              }
            });
    assertTrue(removed.await(30, TimeUnit.SECONDS));
  }

  private static void write(String id, String text) {
    prepareIndex("stream")
        .setId(id)
        .setCreate(true)
        .setSource("@timestamp", "2026-01-01T00:00:00Z", "body", text)
        .setRefreshPolicy(RefreshPolicy.IMMEDIATE)
        .get();
  }
}
