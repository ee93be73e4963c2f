package org.semlux.plugin.field;

import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.DenseEncoder;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.MovingModels;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.model.ClusterModels;

/** An alias moves between two fields of one document, and its former model is deleted. */
public class MovedAliasTests extends SingleNodeTestCase {
  /** Longer than a model out of use is kept for those who are just about to ask it. */
  private static final long CLOSED_MILLIS = 2_000;

  public void testADocumentIsEncodedByTheModelsThatItBeganWith() throws Exception {
    for (String id : List.of("first", "second")) {
      new TinyModel(50_000).upload(client(), id);
      deploy(client(), id);
    }
    alias(client(), "fixed", "first", false);
    alias(client(), "live", "second", false);
    Map<String, EncodedField> fields =
        EncodedField.of(
            Map.of(
                "properties",
                Map.of(
                    "a", Map.of("type", "semlux_text", "model_id", "fixed"),
                    "b", Map.of("type", "semlux_text", "model_id", "live"))));
    AtomicBoolean moved = new AtomicBoolean();
    EncoderSource models =
        MovingModels.of(
            getInstanceFromNode(ClusterModels.class),
            "first"::equals,
            () -> {
              alias(client(), "live", "first", false);
              delete(client(), "second");
              safeSleep(CLOSED_MILLIS);
              moved.set(true);
            });
    DenseEncoder second = (DenseEncoder) models.encoder("second");
    PlainActionFuture<Map<String, ModelSettings>> settings = new PlainActionFuture<>();
    IndexRequest document =
        new IndexRequest("notes").id("1").source(Map.of("a", "a dog", "b", "rain"));

    new TextEncoding(models, getInstanceFromNode(ThreadPool.class).getThreadContext())
        .encode(document, fields.values(), settings);

    assertEquals(Set.of("second"), settings.actionGet().get("b").models().keySet());
    assertTrue(moved.get());
    BytesReference source = document.source();
    List<?> encoded =
        (List<?>)
            XContentHelper.convertToMap(source, true, document.getContentType())
                .v2()
                .get(StoredChunksMapper.NAME);
    assertEquals(
        List.of("a", "b"),
        encoded.stream().map(one -> EncodedText.parse(one).field()).sorted().toList());
    encoded.forEach(one -> assertEquals(1, EncodedText.parse(one).chunks().size()));
    // Then it is let go.
    assertBusy(() -> expectThrows(RuntimeException.class, () -> second.encode(List.of("sun"))));
  }
}
