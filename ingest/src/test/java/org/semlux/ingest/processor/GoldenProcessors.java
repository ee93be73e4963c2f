package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.ingest.IngestDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;

/** Processors over the small models of every kind, with the real PyTorch. */
abstract class GoldenProcessors {
  private static final Path MODELS = Path.of("../tests/src/test/resources/goldens");
  private static final Gson JSON =
      new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();
  static final Map<String, Encoder> ENCODERS = new HashMap<>();

  @BeforeAll
  static void load() throws IOException {
    LogConfigurator.configureESLogging(); // its exceptions log
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    ENCODERS.put("dense", DenseEncoder.load(MODELS.resolve("dense-bert-mean-normalize"), options));
    ENCODERS.put("other", DenseEncoder.load(MODELS.resolve("dense-bert-cls"), options));
    ENCODERS.put("sparse", SparseEncoder.load(MODELS.resolve("sparse-bert"), options));
    ENCODERS.put("cross", CrossEncoder.load(MODELS.resolve("cross-bert"), options));
  }

  @AfterAll
  static void close() {
    ENCODERS.values().forEach(Encoder::close);
  }

  /** A text's encoding in a batch is that alone up to rounding. */
  static void assertClose(Object actual, Object expected) {
    assertThat(actual)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-5, Float.class)
        .isEqualTo(expected);
  }

  static String config(String model, String more) {
    return "{'model_id':'"
        + model
        + "','input_output':[{'input_field':'text','output_field':'out'}]"
        + more
        + "}";
  }

  static Object dense(String model, String text) {
    List<Float> floats = new ArrayList<>();
    for (float value : ((DenseEncoder) ENCODERS.get(model)).encode(List.of(text)).get(0).values()) {
      floats.add(value);
    }
    return floats;
  }

  static Object sparse(String text, int terms) {
    TermWeights all = ((SparseEncoder) ENCODERS.get("sparse")).encode(List.of(text)).get(0);
    Map<String, Float> map = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(terms, all.size()); i++) {
      map.put(all.tokens()[i], all.weights()[i]);
    }
    return map;
  }

  static void run(String config, Map<String, Object> source) throws Exception {
    await(execute(processor(config), document(source)));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> json(String json) {
    return JSON.fromJson(json.replace('\'', '"'), HashMap.class);
  }

  static SemluxProcessor processor(String config) {
    return new SemluxProcessorFactory(
            GoldenProcessors::encoder,
            new ThreadContext(Settings.EMPTY),
            (index, field) -> index.equals("index") && field.startsWith("unmapped"),
            Runnable::run,
            1)
        .create(Map.of(), "tag", null, json(config), null);
  }

  static Encoder encoder(String id) {
    Encoder encoder = ENCODERS.get(id);
    if (encoder == null) {
      throw new ResourceNotFoundException("there is no model [{}]", id);
    }
    return encoder;
  }

  static IngestDocument document(Map<String, Object> source) {
    return new IngestDocument("index", "id", 1, null, VersionType.INTERNAL, source);
  }

  static CompletableFuture<IngestDocument> execute(
      SemluxProcessor processor, IngestDocument document) {
    CompletableFuture<IngestDocument> future = new CompletableFuture<>();
    processor.execute(
        document,
        (result, failure) -> {
          if (failure == null) {
            future.complete(result);
          } else {
            future.completeExceptionally(failure);
          }
        });
    return future;
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }
}
