package org.semlux.plugin.field;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertHitCount;
import static org.hamcrest.Matchers.containsString;

import java.util.List;
import java.util.Map;
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
import org.elasticsearch.xcontent.XContentType;
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
             "notes":{"type":"nested","properties":{"text":{"type":"keyword","copy_to":"list"}}}}}"""
                .formatted(FIELD))
        .get();
    ensureGreen("plain");
    IndexShard shard =
        internalCluster()
            .getInstance(
                IndicesService.class, internalCluster().nodesInclude("plain").iterator().next())
            .indexServiceSafe(resolveIndex("plain"))
            .getShard(0);
    for (String source :
        List.of(
            "{\"body\":[\" \",null,\"\"],\"title\":null,\"notes\":{\"text\":\"\"}}",
            "{\"other\":\"text\"}")) {
      assertEquals(Engine.Result.Type.SUCCESS, write(shard, "1", source).getResultType());
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
