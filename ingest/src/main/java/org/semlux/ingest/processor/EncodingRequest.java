package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import org.semlux.ingest.EncoderCalls;
import org.semlux.ingest.EncoderSource;

/** All texts of a document that go to one model in one way: its queue takes all of them or none. */
final class EncodingRequest {
  private record Way(String modelId, InputType inputType, SparseOptions sparse) {
    static Way of(FieldOptions options) {
      return new Way(options.modelId(), options.inputType(), options.sparse());
    }
  }

  private final Way way;
  private final List<FieldEncoding> encodings;
  private List<Object> answers = List.of();

  private EncodingRequest(Way way, List<FieldEncoding> encodings) {
    this.way = way;
    this.encodings = encodings;
  }

  static List<EncodingRequest> of(List<FieldEncoding> encodings) {
    Map<Way, List<FieldEncoding>> byWay = new LinkedHashMap<>();
    for (FieldEncoding encoding : encodings) {
      byWay.computeIfAbsent(Way.of(encoding.options()), way -> new ArrayList<>()).add(encoding);
    }
    return byWay.entrySet().stream()
        .map(entry -> new EncodingRequest(entry.getKey(), entry.getValue()))
        .toList();
  }

  /**
   * Hands the texts over and returns at once.
   *
   * @param listener is told when the answers are there, or why there are none
   * @return gives the request up when it is run
   */
  Runnable submit(
      EncoderSource encoders, ThreadContext threadContext, ActionListener<Void> listener) {
    EncodeRequest request =
        EncodeRequest.of(encodings.stream().flatMap(one -> one.texts().stream()).toList())
            .withInputType(way.inputType())
            .withPriority(Priority.INGEST);
    Encoder encoder;
    try {
      encoder = encoders.encoder(way.modelId());
    } catch (RuntimeException e) {
      listener.onFailure(e);
      return () -> {};
    }
    if (encoder instanceof SparseEncoder) {
      return EncoderCalls.call(
          encoders,
          way.modelId(),
          SparseEncoder.class,
          sparse -> sparse.submit(request, way.sparse()),
          threadContext,
          listener.map(
              found -> {
                answers = found.stream().map(EncodingRequest::plain).toList();
                return null;
              }));
    }
    return EncoderCalls.call(
        encoders,
        way.modelId(),
        DenseEncoder.class,
        dense -> dense.submit(request),
        threadContext,
        listener.map(
            vectors -> {
              answers = vectors.stream().map(EncodingRequest::plain).toList();
              return null;
            }));
  }

  /**
   * Puts the answers into the document, once they are there.
   *
   * @throws IllegalArgumentException where an output cannot be written
   */
  void write() {
    int from = 0;
    for (FieldEncoding encoding : encodings) {
      int to = from + encoding.texts().size();
      encoding.write(answers.subList(from, to));
      from = to;
    }
  }

  /**
   * An ingest document refuses to copy a float[], and a double[] would double the source's length.
   */
  private static Object plain(DenseVector vector) {
    List<Float> list = new ArrayList<>(vector.dimensions());
    for (float value : vector.values()) {
      list.add(value);
    }
    return list;
  }

  /** A {@code sparse_vector} takes positive normal numbers only; its tokens may have dots. */
  private static Object plain(TermWeights terms) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      if (terms.weights()[i] >= Float.MIN_NORMAL) {
        map.put(terms.tokens()[i], terms.weights()[i]);
      }
    }
    return map;
  }
}
