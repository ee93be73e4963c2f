package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.batch.InTurn;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.ingest.processor.FieldEncoding.Passages;

/** All texts of a document that go to one model in one way: its queue takes all of them or none. */
final class EncodingRequest {
  private record Way(String modelId, InputType inputType, SparseOptions sparse) {
    static Way of(FieldOptions options) {
      return new Way(options.modelId(), options.inputType(), options.sparse());
    }
  }

  private final Way way;
  private final List<FieldEncoding> encodings;
  private List<Passages> passages = List.of(); // one a field, when they are cut
  private List<? extends Encoding> answers = List.of();

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
    return EncoderCalls.call(
        encoders,
        way.modelId(),
        model ->
            InTurn.of(
                InTurn.each(encodings, field -> cut(model, field)), cut -> encode(model, cut)),
        threadContext,
        listener.<List<? extends Encoding>>map(
            found -> {
              answers = found;
              return null;
            }));
  }

  private static CompletableFuture<Passages> cut(DeployedModel model, FieldEncoding field) {
    FieldOptions options = field.options();
    if (options.chunking().isEmpty()) {
      return CompletableFuture.completedFuture(field.whole());
    }
    return InTurn.of(
        model.cut(field.texts(), options.inputType(), options.chunking().get()),
        chunks -> CompletableFuture.completedFuture(field.passages(chunks)));
  }

  private CompletableFuture<? extends List<? extends Encoding>> encode(
      DeployedModel model, List<Passages> cut) {
    passages = cut;
    return model.encode(
        EncodeRequest.of(cut.stream().flatMap(one -> one.texts().stream()).toList())
            .withInputType(way.inputType())
            .withTerms(way.sparse())
            .withPriority(Priority.INGEST));
  }

  /**
   * Puts the answers into the document, once they are there.
   *
   * @throws IllegalArgumentException where an output cannot be written
   */
  void write() {
    int from = 0;
    for (int i = 0; i < encodings.size(); i++) {
      Passages cut = passages.get(i);
      int to = from + cut.texts().size();
      encodings.get(i).write(cut, answers.subList(from, to));
      from = to;
    }
  }
}
