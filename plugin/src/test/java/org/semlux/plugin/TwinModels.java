package org.semlux.plugin;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;

/** The goldens' models, loaded beside the nodes: what these answer is held against it. */
final class TwinModels implements Closeable {
  static final List<String> DENSE =
      List.of("dense-bert-mean-normalize", "dense-bert-prompts", "dense-bert-max");
  static final List<String> SPARSE =
      List.of("sparse-bert", "sparse-inference-free-query", "sparse-router");
  static final String CROSS = "cross-bert";

  private static final Path GOLDENS =
      Path.of("../tests/src/test/resources/goldens").toAbsolutePath();

  private final Workers workers;
  private final Map<String, Encoder> loaded = new TreeMap<>();
  private final Map<String, Object> known = new HashMap<>();

  /**
   * @param workers on whose threads they run
   */
  TwinModels(Workers workers) {
    this.workers = workers;
  }

  static Path folder(String model) {
    return GOLDENS.resolve(model);
  }

  private interface Loading {
    Encoder load(Path folder, EncoderOptions options) throws IOException;
  }

  private Encoder encoder(String model) {
    Encoder encoder = loaded.get(model);
    if (encoder == null) {
      Loading loading =
          DENSE.contains(model)
              ? DenseEncoder::load
              : SPARSE.contains(model) ? SparseEncoder::load : CrossEncoder::load;
      try {
        encoder =
            loading.load(
                folder(model),
                EncoderOptions.defaults().withPrecision(Precision.FLOAT32).withWorkers(workers));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      loaded.put(model, encoder);
    }
    return encoder;
  }

  float[] vector(String model, String text, InputType type) {
    return (float[])
        known.computeIfAbsent(
            model + type + text,
            key -> {
              EncodeRequest request = EncodeRequest.of(List.of(text)).withInputType(type);
              DenseVector vector = ((DenseEncoder) encoder(model)).encodeAll(request).get(0);
              return vector.values();
            });
  }

  /**
   * Of a document as a {@code semlux_text} field prunes them, unless its mapping says otherwise.
   */
  @SuppressWarnings("unchecked") // as they were put
  Map<String, Float> terms(String model, String text, InputType type) {
    return (Map<String, Float>)
        known.computeIfAbsent(
            model + type + text,
            key -> {
              EncodeRequest request = EncodeRequest.of(List.of(text)).withInputType(type);
              if (type == InputType.DOCUMENT) {
                request =
                    request.withTerms(
                        SparseOptions.defaults()
                            .withSpecialTokens(SparseOptions.SpecialTokens.DROP)
                            .withPruning(Pruning.none().withMinRatio(0.1)));
              }
              TermWeights terms = ((SparseEncoder) encoder(model)).encodeAll(request).get(0);
              Map<String, Float> weights = new TreeMap<>();
              for (int i = 0; i < terms.size(); i++) {
                if (terms.weights()[i] > 0) {
                  weights.put(terms.tokens()[i], terms.weights()[i]);
                }
              }
              return weights;
            });
  }

  /** By the cross-encoder, of a text that may be longer than it reads. */
  float score(String query, String text) {
    return (float)
        known.computeIfAbsent(
            query + "\n" + text,
            key ->
                ((CrossEncoder) encoder(CROSS))
                    .scoreAll(
                        ScoreRequest.of(query, List.of(text))
                            .withLongTexts(ScoreRequest.LongTexts.WINDOWS))
                    .get(0)
                    .score());
  }

  @Override
  public void close() {
    loaded.values().forEach(Encoder::close);
  }
}
