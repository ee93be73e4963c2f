package org.semlux.plugin.field;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.batch.InTurn;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * One field of a document whose texts go to its model: how they are cut, what is asked, and what
 * came of it, as a document's source holds it. For one thread at a time.
 */
final class FieldEncoding {
  private final EncodedField field;
  private final String modelId;
  private final String model;
  private final String hash;
  private final ModelSettings settings;
  private final List<String> texts;
  private final List<EncodedText.Chunk> chunks = new ArrayList<>(); // still without their vectors
  private List<Object> vectors = List.of();
  private boolean truncated;

  private FieldEncoding(
      EncodedField field,
      String modelId,
      String model,
      List<String> texts,
      ModelSettings settings) {
    this.field = field;
    this.modelId = modelId;
    this.model = model;
    this.hash = EncodedText.hash(texts);
    this.settings = settings;
    this.texts = texts;
  }

  /**
   * Of a field that is still to be encoded.
   *
   * @param model what tells its chunks from those by another model or cut otherwise
   * @throws ElasticsearchStatusException when the field holds other vectors than the model makes
   */
  static FieldEncoding of(
      EncoderSource encoders,
      EncodedField field,
      String modelId,
      String model,
      List<String> texts) {
    ModelSettings settings = ModelSettings.of(encoders.model(modelId));
    if (field.settings() != null && !field.settings().fits(settings)) {
      throw new ElasticsearchStatusException(
          "field [{}] holds {}, but model [{}] makes {}: map a new field for it",
          RestStatus.BAD_REQUEST,
          field.path(),
          field.settings(),
          modelId,
          settings);
    }
    return new FieldEncoding(field, modelId, model, texts, settings);
  }

  String path() {
    return field.path();
  }

  /** What the vectors are. */
  ModelSettings settings() {
    return settings;
  }

  /** Has the texts cut and encoded. */
  void encode(EncoderSource encoders, ThreadContext threadContext, ActionListener<Void> listener) {
    EncoderCalls.call(
        encoders,
        modelId,
        asked ->
            InTurn.of(
                asked.cut(texts, InputType.DOCUMENT, field.options().chunking()),
                cut -> asked.encode(request(cut))),
        threadContext,
        listener.<List<? extends Encoding>>map(
            answers -> {
              vectors = answers.stream().map(FieldEncoding::plain).toList();
              return null;
            }));
  }

  private EncodeRequest request(List<List<Chunk>> cut) {
    return EncodeRequest.of(keep(cut))
        .withInputType(InputType.DOCUMENT)
        .withTerms(field.options().sparse())
        .withPriority(Priority.INGEST);
  }

  /**
   * Keeps where the texts are cut.
   *
   * @return what goes to the model
   */
  private List<String> keep(List<List<Chunk>> cut) {
    List<String> passages = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      int read = 0;
      for (Chunk chunk : cut.get(i)) {
        chunks.add(new EncodedText.Chunk(i, chunk.start(), chunk.end(), ""));
        passages.add(chunk.of(text));
        read = chunk.end();
      }
      truncated |= !text.substring(read).isBlank();
    }
    return passages;
  }

  /**
   * What the source gets, once the model has answered. A text without a direction or without terms
   * has chunks without a vector: none is kept.
   */
  EncodedText encoded() {
    List<EncodedText.Chunk> whole = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      EncodedText.Chunk chunk = chunks.get(i);
      if (!vectors.get(i).equals("")) {
        whole.add(new EncodedText.Chunk(chunk.value(), chunk.start(), chunk.end(), vectors.get(i)));
      }
    }
    String marked = truncated ? hash + EncodedText.TRUNCATED : hash;
    return new EncodedText(field.path(), model, marked, whole);
  }

  private static Object plain(Encoding encoding) {
    return switch (encoding) {
      case DenseVector vector -> plain(vector);
      case TermWeights terms -> plain(terms);
      case TokenVectors vectors ->
          throw new IllegalArgumentException(
              "a [semlux_text] field takes a dense or a sparse model, not one of kind"
                  + " multi_vector");
    };
  }

  /** As bytes in base 64, which a {@code dense_vector} field takes; a zero vector has none. */
  private static Object plain(DenseVector vector) {
    float[] values = vector.values();
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    byte[] all = bytes.array();
    boolean isZero = true;
    for (float value : values) {
      isZero &= value == 0;
    }
    return isZero ? "" : Base64.getEncoder().encodeToString(all);
  }

  /** A {@code sparse_vector} field takes positive normal numbers only. */
  private static Object plain(TermWeights terms) {
    Map<String, Object> weights = new LinkedHashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      if (terms.weights()[i] >= Float.MIN_NORMAL) {
        weights.put(terms.tokens()[i], terms.weights()[i]);
      }
    }
    return weights.isEmpty() ? "" : weights;
  }
}
