package org.semlux.plugin.action;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.rescore.Reranking;

/** Scores documents that are in no index against a query. */
public final class RerankAction {
  public static final ActionType<Response> TYPE = new ActionType<>("cluster:monitor/semlux/rerank");

  public static final int MAX_DOCUMENTS = Reranking.MAX_WINDOW;

  private RerankAction() {}

  public static final class Request extends UntypedActionRequest {
    private final String modelId;
    private final String query;
    private final List<String> documents;
    private final int topN;

    /**
     * @param topN how many results to return; more than there are documents returns all
     */
    public Request(String modelId, String query, List<String> documents, int topN) {
      this.modelId = modelId;
      this.query = query;
      this.documents = List.copyOf(documents);
      this.topN = topN;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      modelId = in.readString();
      query = in.readString();
      documents = in.readStringCollectionAsImmutableList();
      topN = in.readVInt();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(modelId);
      out.writeString(query);
      out.writeStringCollection(documents);
      out.writeVInt(topN);
    }

    @Override
    public ActionRequestValidationException validate() {
      ActionRequestValidationException problem = new ActionRequestValidationException();
      if (documents.isEmpty() || documents.size() > MAX_DOCUMENTS) {
        problem.addValidationError(
            "[documents] must hold 1 to " + MAX_DOCUMENTS + " texts, not " + documents.size());
      }
      Reranking.excess(query).ifPresent(problem::addValidationError);
      if (topN < 1) {
        problem.addValidationError("[top_n] must be at least 1, not " + topN);
      }
      return problem.validationErrors().isEmpty() ? null : problem;
    }

    @Override
    public Task createTask(
        long id, String type, String action, TaskId parent, Map<String, String> headers) {
      return new CancellableTask(id, type, action, getDescription(), parent, headers);
    }

    @Override
    public String getDescription() {
      return "model [" + modelId + "], documents [" + documents.size() + "]";
    }
  }

  /**
   * A document's place in the request, and its score after the model's last activation.
   *
   * @param score of the model's first label, where it has several
   */
  public record Result(int index, float score) implements Writeable {
    Result(StreamInput in) throws IOException {
      this(in.readVInt(), in.readFloat());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeVInt(index);
      out.writeFloat(score);
    }
  }

  /** Results, best first; of equal scores the document that was given first. */
  public static final class Response extends ActionResponse implements ToXContentObject {
    private final String modelId;
    private final List<Result> results;

    public Response(String modelId, List<Result> results) {
      this.modelId = modelId;
      this.results = List.copyOf(results);
    }

    public Response(StreamInput in) throws IOException {
      this(in.readString(), in.readCollectionAsList(Result::new));
    }

    static Response best(String modelId, List<PairScore> scores, int topN) {
      return new Response(
          modelId,
          IntStream.range(0, scores.size())
              .mapToObj(i -> new Result(i, scores.get(i).score()))
              .sorted(
                  Comparator.comparingDouble(Result::score)
                      .reversed()
                      .thenComparingInt(Result::index))
              .limit(topN)
              .toList());
    }

    public List<Result> results() {
      return results;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(modelId);
      out.writeCollection(results);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      builder.startObject().field("model_id", modelId).startArray("results");
      for (Result result : results) {
        builder.startObject().field("index", result.index).field("score", result.score).endObject();
      }
      return builder.endArray().endObject();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Response that
          && modelId.equals(that.modelId)
          && results.equals(that.results);
    }

    @Override
    public int hashCode() {
      return Objects.hash(modelId, results);
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
      return EncoderCalls.score(
          models,
          request.modelId,
          ScoreRequest.of(request.query, request.documents),
          threadContext,
          listener.map(scores -> Response.best(request.modelId, scores, request.topN)));
    }
  }
}
