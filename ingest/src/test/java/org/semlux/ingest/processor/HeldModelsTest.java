package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;

/** An alias may move, and a model be replaced, while a document's texts are read. */
class HeldModelsTest extends GoldenProcessors {
  /** Asked again, the alias stands for the other model. */
  private static final class MovingAlias implements EncoderSource {
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    private int count(String question) {
      return asked.merge(question, 1, Integer::sum);
    }

    @Override
    public String id(String idOrAlias) {
      if (!idOrAlias.equals("alias")) {
        return idOrAlias;
      }
      return count("id") % 2 == 1 ? "dense" : "other";
    }

    @Override
    public String version(String modelId) {
      return id(modelId) + count("version " + modelId);
    }

    @Override
    public DeployedModel model(String modelId) {
      count("model " + modelId);
      return EncoderSource.super.model(id(modelId));
    }

    @Override
    public Encoder encoder(String modelId) {
      return ENCODERS.get(modelId);
    }
  }

  @Test
  void aDocumentAsksForEachModelOnce() throws Exception {
    MovingAlias source = new MovingAlias();
    Map<String, Object> config =
        json(
            "{'model_id':'alias','input_output':["
                + "{'input_field':'parts.text','output_field':'parts.out'},"
                + "{'input_field':'text','output_field':'out'},"
                + "{'input_field':'title','output_field':'title_out','model_id':'other'}]}");
    SemluxProcessor processor =
        new SemluxProcessorFactory(
                source,
                new ThreadContext(Settings.EMPTY),
                (index, field) -> false,
                Runnable::run,
                1)
            .create(Map.of(), "tag", null, config, null);
    List<Map<String, Object>> parts =
        List.of("rain", "snow", "wind").stream()
            .<Map<String, Object>>map(text -> new HashMap<>(Map.of("text", text)))
            .toList();
    Map<String, Object> document =
        new HashMap<>(Map.of("parts", parts, "text", "a plane", "title", "sun"));

    await(execute(processor, document(document)));

    assertThat(source.asked)
        .isEqualTo(
            Map.of(
                "id",
                1,
                "version dense",
                1,
                "model dense",
                1,
                "version other",
                1,
                "model other",
                1));
    for (Map<String, Object> part : parts) {
      assertClose(part.get("out"), dense("dense", part.get("text").toString()));
    }
    assertClose(document.get("out"), dense("dense", "a plane"));
    assertClose(document.get("title_out"), dense("other", "sun"));
  }

  /** Asked again, there is another model of the same id. */
  private static final class Replaced implements EncoderSource {
    private final AtomicInteger uploads = new AtomicInteger();

    @Override
    public String version(String modelId) {
      return "upload " + uploads.getAndIncrement();
    }

    @Override
    public DeployedModel model(String modelId, String version) {
      if (!version.equals("upload " + uploads)) {
        throw new ElasticsearchStatusException("replaced", RestStatus.SERVICE_UNAVAILABLE);
      }
      return model(modelId);
    }

    @Override
    public Encoder encoder(String modelId) {
      return ENCODERS.get(modelId);
    }
  }

  @Test
  void aMarkIsOfTheModelThatEncodes() {
    SemluxProcessor processor =
        new SemluxProcessorFactory(
                new Replaced(),
                new ThreadContext(Settings.EMPTY),
                (index, field) -> false,
                Runnable::run,
                1)
            .create(Map.of(), "tag", null, json(config("dense", "")), null);
    Map<String, Object> source = new HashMap<>(Map.of("text", "a plane"));

    assertThatThrownBy(() -> await(execute(processor, document(source))))
        .hasRootCauseMessage("replaced");
    assertThat(source).containsOnlyKeys("text");
  }
}
