package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertHitCount;
import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.lucene.uid.Versions;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.index.engine.Engine;
import org.elasticsearch.index.mapper.SourceToParse;
import org.elasticsearch.index.seqno.SequenceNumbers;
import org.elasticsearch.index.shard.IndexShard;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;

/** What reaches a shard without vectors. */
public class UnencodedTextsTests extends TwoNodesTestCase {
  private static final String FIELD = "{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}";

  private static Engine.IndexResult write(IndexShard shard, String id, String source)
      throws Exception {
    return shard.applyIndexOperationOnPrimary(
        Versions.MATCH_ANY,
        VersionType.INTERNAL,
        new SourceToParse(id, new BytesArray(source), XContentType.JSON),
        SequenceNumbers.UNASSIGNED_SEQ_NO,
        SequenceNumbers.UNASSIGNED_PRIMARY_TERM,
        IndexRequest.UNSET_AUTO_GENERATED_TIMESTAMP,
        false);
  }

  /** As a node without the plugin sends them. */
  public void testAPrimaryRefusesTextsThatNobodyHasEncoded() throws Exception {
    prepareCreate("plain")
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping(
            """
            {"properties":{"body":%1$s,"list":%1$s,"other":{"type":"keyword"},
             "title":{"type":"text","fields":{"meaning":%1$s}},
             "o":{"subobjects":false,"properties":{"log":%1$s,"log.level":{"type":"keyword"}}},
             "notes":{"type":"nested","properties":{"text":{"type":"keyword","copy_to":"list"}}}}}"""
                .formatted(FIELD))
        .get();
    ensureGreen("plain");
    IndexShard shard = shard();
    for (String source :
        List.of(
            "{\"body\":[\" \",null,\"\"],\"title\":null,\"notes\":{\"text\":\"\"}}",
            "{\"o\":{\"log\":{\"level\":\"info\"}}}",
            "{\"other\":\"text\"}")) {
      Engine.IndexResult result = write(shard, "1", source);
      assertEquals(
          String.valueOf(result.getFailure()), Engine.Result.Type.SUCCESS, result.getResultType());
    }
    Map<String, String> fields =
        Map.of(
            "{\"body\":\"text\"}", "[body]",
            "{\"body\":[\"\",1.5]}", "[body]",
            "{\"title\":[[\"text\"]],\"body\":true}", "[body, title.meaning]",
            "{\"notes\":[{\"text\":\"\"},{\"text\":\"text\"}]}", "[list]");
    fields.forEach(
        (source, paths) -> {
          try {
            Engine.IndexResult refused = write(shard, "1", source);
            assertEquals(source, Engine.Result.Type.FAILURE, refused.getResultType());
            assertThat(
                refused.getFailure().getMessage(),
                containsString("the texts of the fields " + paths + " came without vectors"));
            assertEquals(
                RestStatus.TOO_MANY_REQUESTS, ExceptionsHelper.status(refused.getFailure()));
          } catch (Exception e) {
            throw new AssertionError(source, e);
          }
        });
    indicesAdmin().prepareRefresh("plain").get();
    assertEquals(Map.of("other", "text"), client().prepareGet("plain", "1").get().getSource());
    assertHitCount(client().prepareSearch("plain").setSize(0), 1);
  }

  /** As a node without the plugin sends them, which makes an update of what the shard gave it. */
  public void testAPrimaryRefusesVectorsOfOtherTexts() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    prepareCreate("plain")
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping("{\"properties\":{\"body\":%s}}".formatted(FIELD))
        .get();
    ensureGreen("plain");
    prepareIndex("plain").setId("1").setSource("body", "the river rises").get();
    indicesAdmin().prepareRefresh("plain").get();
    AtomicReference<String> source = new AtomicReference<>();
    assertResponse(
        client()
            .prepareSearch("plain")
            .setSource(
                new SearchSourceBuilder()
                    .fetchSource(FetchSourceContext.of(true, false, null, null))),
        response -> source.set(response.getHits().getAt(0).getSourceAsString()));
    IndexShard shard = shard();
    assertThat(source.get(), containsString("\"model\":\"tiny "));
    assertEquals(Engine.Result.Type.SUCCESS, write(shard, "1", source.get()).getResultType());
    for (String other :
        List.of(
            source.get().replace("the river rises", "a dog barks"),
            source.get().replace("\"the river rises\"", "null"),
            source.get().replace("\"model\":\"tiny ", "\"model\":\"another "))) {
      Engine.IndexResult refused = write(shard, "1", other);
      assertEquals(other, Engine.Result.Type.FAILURE, refused.getResultType());
      assertThat(refused.getFailure().getMessage(), containsString("[body] came without vectors"));
    }
  }

  /** What a node that knows more than the shard sends; Elasticsearch says of it 400. */
  public void testVectorsOfFieldsThatAreNotKnownYetAreRefusedAsOthers() throws Exception {
    prepareCreate("plain")
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping(
            "{\"properties\":{\"body\":%s,\"_semlux\":{\"type\":\"semlux_chunks\"}}}"
                .formatted(FIELD))
        .get();
    ensureGreen("plain");
    String vectors =
        "{\"_semlux\":[{\"field\":\"%s\",\"model\":\"tiny 1\",\"hash\":\"1\",\"chunks\":[{\"value\":0,\"start\":0,\"end\":1,\"vector\":\"AAAAAA==\"}]}]}";
    for (String field : List.of("body", "later")) {
      Exception failure = write(shard(), "1", vectors.formatted(field)).getFailure();
      assertEquals(RestStatus.TOO_MANY_REQUESTS, UnencodedTexts.refusal(failure).status());
      assertThat(
          ExceptionsHelper.stackTrace(failure), containsString("vectors of [" + field + "]"));
    }
  }

  private IndexShard shard() {
    return internalCluster()
        .getInstance(
            IndicesService.class, internalCluster().nodesInclude("plain").iterator().next())
        .indexServiceSafe(resolveIndex("plain"))
        .getShard(0);
  }

  /** They give what is in their fields other texts than a document holds. */
  public void testPointsAndCompletionsHaveNoTexts() {
    for (String type : List.of("geo_point", "completion")) {
      Exception e =
          expectThrows(
              Exception.class,
              () ->
                  prepareCreate(type)
                      .setMapping(
                          "{\"properties\":{\"place\":{\"type\":\"%s\",\"fields\":{\"text\":%s}}}}"
                              .formatted(type, FIELD))
                      .get());
      assertThat(
          ExceptionsHelper.stackTrace(e), containsString("cannot be in the [fields] of [place]"));
    }
  }

  /** What is written reaches copies, and comes back out of translogs, whatever is mapped since. */
  public void testOldDocumentsReachCopiesAndComeBack() throws Exception {
    prepareCreate("plain")
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping("{\"properties\":{\"title\":{\"type\":\"text\"}}}")
        .get();
    prepareIndex("plain").setId("1").setSource("title", "the river rises").get();
    indicesAdmin()
        .preparePutMapping("plain")
        .setSource(
            "{\"properties\":{\"title\":{\"type\":\"text\",\"fields\":{\"meaning\":%s}}}}"
                .formatted(FIELD),
            XContentType.JSON)
        .get();
    internalCluster().fullRestart();
    ensureGreen("plain");
    setReplicaCount(1, "plain");
    ensureGreen("plain");
    indicesAdmin().prepareRefresh("plain").get();
    for (String node : internalCluster().nodesInclude("plain")) {
      assertHitCount(
          client().prepareSearch("plain").setPreference("_only_nodes:" + nodeId(node)).setSize(0),
          1);
    }
  }

  private static String nodeId(String name) {
    return internalCluster().getInstance(ClusterService.class, name).localNode().getId();
  }
}
