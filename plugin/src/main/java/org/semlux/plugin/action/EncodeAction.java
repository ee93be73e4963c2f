package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.plugin.model.ClusterModels;

/** Turns texts into vectors, a text's or its tokens', or term weights. */
public final class EncodeAction {
  public static final ActionType<Response> TYPE = new ActionType<>("cluster:monitor/semlux/encode");

  /** More belong into several requests, or into an ingest pipeline. */
  public static final int MAX_TEXTS = 1_000;

  /** Texts of one search: fields that are searched with different texts, or rephrased ones. */
  private static final int MOST_OF_A_SEARCH = 8;

  private EncodeAction() {}

  public static final class Request extends UntypedActionRequest {
    private final String modelId;
    private final List<String> texts;
    private final Optional<InputType> inputType;
    private final Optional<String> promptName;

    public Request(
        String modelId,
        List<String> texts,
        Optional<InputType> inputType,
        Optional<String> promptName) {
      this.modelId = modelId;
      this.texts = List.copyOf(texts);
      this.inputType = inputType;
      this.promptName = promptName;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      modelId = in.readString();
      texts = in.readStringCollectionAsImmutableList();
      inputType = Optional.ofNullable(in.readOptionalEnum(InputType.class));
      promptName = Optional.ofNullable(in.readOptionalString());
    }

    public String modelId() {
      return modelId;
    }

    /** A query is a search that somebody waits for, many of them are no single search's. */
    EncodeRequest toEncodeRequest() {
      Priority priority =
          inputType.filter(InputType.QUERY::equals).isEmpty()
              ? Priority.INGEST
              : texts.size() <= MOST_OF_A_SEARCH ? Priority.SEARCH : Priority.RERANK;
      return new EncodeRequest(
          texts, inputType, promptName, SparseOptions.defaults(), priority, Optional.empty());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(modelId);
      out.writeStringCollection(texts);
      out.writeOptionalEnum(inputType.orElse(null));
      out.writeOptionalString(promptName.orElse(null));
    }

    @Override
    public ActionRequestValidationException validate() {
      if (!texts.isEmpty() && texts.size() <= MAX_TEXTS) {
        return null;
      }
      ActionRequestValidationException problem = new ActionRequestValidationException();
      problem.addValidationError(
          "[texts] must hold 1 to " + MAX_TEXTS + " texts, not " + texts.size());
      return problem;
    }

    @Override
    public Task createTask(
        long id, String type, String action, TaskId parent, Map<String, String> headers) {
      return new CancellableTask(id, type, action, getDescription(), parent, headers);
    }

    @Override
    public String getDescription() {
      return "model [" + modelId + "], texts [" + texts.size() + "]";
    }
  }

  /** One encoding a text, in the order of the texts, all of the model's kind. */
  public static final class Response extends ActionResponse implements ToXContentObject {
    private final String modelId;
    private final List<Encoding> encodings;

    /**
     * @param encodings at least one
     */
    public Response(String modelId, List<? extends Encoding> encodings) {
      this.modelId = modelId;
      this.encodings = List.copyOf(encodings);
    }

    public Response(StreamInput in) throws IOException {
      this(in.readString(), in.readCollectionAsList(EncodingWire::read));
    }

    public List<Encoding> encodings() {
      return encodings;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(modelId);
      out.writeCollection(encodings, EncodingWire::write);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      builder.startObject().field("model_id", modelId);
      builder.startArray(
          switch (encodings.get(0)) {
            case DenseVector vector -> "embeddings";
            case TermWeights terms -> "weights";
            case TokenVectors vectors -> "token_embeddings";
          });
      for (Encoding encoding : encodings) {
        switch (encoding) {
          case DenseVector vector -> append(vector.values(), builder);
          case TermWeights terms -> append(terms, builder);
          case TokenVectors vectors -> append(vectors, builder);
        }
      }
      return builder.endArray().endObject();
    }

    private static void append(TokenVectors vectors, XContentBuilder builder) throws IOException {
      builder.startArray();
      for (float[] vector : vectors.vectors()) {
        append(vector, builder);
      }
      builder.endArray();
    }

    private static void append(float[] vector, XContentBuilder builder) throws IOException {
      builder.startArray();
      for (float value : vector) {
        builder.value(value);
      }
      builder.endArray();
    }

    private static void append(TermWeights terms, XContentBuilder builder) throws IOException {
      builder.startObject();
      for (int i = 0; i < terms.size(); i++) {
        builder.field(terms.tokens()[i], terms.weights()[i]);
      }
      builder.endObject();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Response that
          && modelId.equals(that.modelId)
          && encodings.equals(that.encodings);
    }

    @Override
    public int hashCode() {
      return Objects.hash(modelId, encodings);
    }
  }

  public static final class Transport extends EncoderTransport<Request, Response> {
    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ThreadPool threadPool,
        ClusterModels models) {
      super(TYPE.name(), transportService, actionFilters, threadPool, models, Request::new);
    }

    @Override
    Runnable ask(Request request, ActionListener<Response> listener) {
      return EncoderCalls.encode(
          models,
          request.modelId,
          request.toEncodeRequest(),
          threadContext,
          listener.map(encodings -> new Response(request.modelId, encodings)));
    }
  }
}
