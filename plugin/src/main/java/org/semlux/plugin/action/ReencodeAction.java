package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.IndicesRequest;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.ParentTaskAssigningClient;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.ingest.Pipeline;
import org.elasticsearch.ingest.Processor;
import org.elasticsearch.ingest.WrappingProcessor;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.ingest.processor.SemluxProcessor;

/**
 * Sends the documents of an index through a pipeline once more, those alone whose encodings are not
 * yet what the pipeline's models and options make: so a run that was interrupted, by whatever, goes
 * on where it stopped when it is asked for again. Runs as the user who asks, who needs {@code read}
 * and {@code write} on the index.
 */
public final class ReencodeAction {
  public static final ActionType<Response> TYPE =
      new ActionType<>("indices:data/write/semlux/reencode");

  private ReencodeAction() {}

  public static final class Request extends UntypedActionRequest implements IndicesRequest {
    public static final int DEFAULT_BATCH_SIZE = 100;
    private static final int MAX_BATCH_SIZE = 1_000;

    private final String index;
    private final String pipeline;
    private final float documentsPerSecond;
    private final int batchSize;
    private final boolean storesResult;

    /**
     * @param index an index, alias or data stream
     * @param documentsPerSecond at most so many; infinite for no bound
     * @param batchSize documents that are read, encoded and written at once
     * @param storesResult whether the tasks API keeps the answer
     */
    public Request(
        String index,
        String pipeline,
        float documentsPerSecond,
        int batchSize,
        boolean storesResult) {
      this.index = index;
      this.pipeline = pipeline;
      this.documentsPerSecond = documentsPerSecond;
      this.batchSize = batchSize;
      this.storesResult = storesResult;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      index = in.readString();
      pipeline = in.readString();
      documentsPerSecond = in.readFloat();
      batchSize = in.readVInt();
      storesResult = in.readBoolean();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(index);
      out.writeString(pipeline);
      out.writeFloat(documentsPerSecond);
      out.writeVInt(batchSize);
      out.writeBoolean(storesResult);
    }

    String pipeline() {
      return pipeline;
    }

    float documentsPerSecond() {
      return documentsPerSecond;
    }

    int batchSize() {
      return batchSize;
    }

    @Override
    public String[] indices() {
      return new String[] {index};
    }

    @Override
    public IndicesOptions indicesOptions() {
      return IndicesOptions.strictExpandOpenAndForbidClosed();
    }

    @Override
    public boolean includeDataStreams() {
      return true;
    }

    @Override
    public boolean getShouldStoreResult() {
      return storesResult;
    }

    @Override
    public ActionRequestValidationException validate() {
      ActionRequestValidationException problem = new ActionRequestValidationException();
      if (index.isBlank() || index.contains("*") || index.contains(",")) {
        problem.addValidationError("[index] must name one index, not [" + index + "]");
      }
      if (!(documentsPerSecond > 0)) {
        problem.addValidationError(
            "[requests_per_second] must be above 0 documents, not " + documentsPerSecond);
      }
      if (batchSize < 1 || batchSize > MAX_BATCH_SIZE) {
        problem.addValidationError(
            "[batch_size] must be 1 to " + MAX_BATCH_SIZE + " documents, not " + batchSize);
      }
      return problem.validationErrors().isEmpty() ? null : problem;
    }

    @Override
    public Task createTask(
        long id, String type, String action, TaskId parent, Map<String, String> headers) {
      return new ReencodeTask(id, type, action, getDescription(), parent, headers);
    }

    @Override
    public String getDescription() {
      return "re-encode [" + index + "] by pipeline [" + pipeline + "]";
    }
  }

  /** A task that tells how far it is. */
  static final class ReencodeTask extends CancellableTask {
    private volatile ReencodeStatus status = new ReencodeStatus(0, 0, 0, 0, 0, 0);

    ReencodeTask(
        long id,
        String type,
        String action,
        String description,
        TaskId parent,
        Map<String, String> headers) {
      super(id, type, action, description, parent, headers);
    }

    @Override
    public ReencodeStatus getStatus() {
      return status;
    }

    void reached(ReencodeStatus now) {
      status = now;
    }
  }

  /** Why a document stayed as it was. */
  public record Failure(String index, String id, int status, String reason) implements Writeable {
    Failure(StreamInput in) throws IOException {
      this(in.readString(), in.readString(), in.readVInt(), in.readString());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(index);
      out.writeString(id);
      out.writeVInt(status);
      out.writeString(reason);
    }
  }

  /** What came of it, with the first failures. */
  public static final class Response extends ActionResponse implements ToXContentObject {
    private final long tookMillis;
    private final ReencodeStatus status;
    private final List<Failure> failures;

    public Response(long tookMillis, ReencodeStatus status, List<Failure> failures) {
      this.tookMillis = tookMillis;
      this.status = status;
      this.failures = List.copyOf(failures);
    }

    public Response(StreamInput in) throws IOException {
      this(in.readVLong(), new ReencodeStatus(in), in.readCollectionAsList(Failure::new));
    }

    public ReencodeStatus status() {
      return status;
    }

    public List<Failure> failures() {
      return failures;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeVLong(tookMillis);
      status.writeTo(out);
      out.writeCollection(failures);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      status.fields(builder.startObject().field("took", tookMillis)).startArray("failures");
      for (Failure failure : failures) {
        builder
            .startObject()
            .field("index", failure.index())
            .field("id", failure.id())
            .field("status", failure.status())
            .field("reason", failure.reason())
            .endObject();
      }
      return builder.endArray().endObject();
    }
  }

  /** Starts a run and returns. */
  public static final class Transport extends HandledTransportAction<Request, Response> {
    private final ClusterService clusterService;
    private final IngestService ingestService;
    private final Client client;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ClusterService clusterService,
        IngestService ingestService,
        Client client) {
      super(
          TYPE.name(),
          transportService,
          actionFilters,
          Request::new,
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.clusterService = clusterService;
      this.ingestService = ingestService;
      this.client = client;
    }

    @Override
    protected void doExecute(Task task, Request request, ActionListener<Response> listener) {
      ActionListener.run(
          listener,
          l -> {
            QueryBuilder outdated = outdated(request.pipeline());
            var asUser = new ParentTaskAssigningClient(client, clusterService.localNode(), task);
            new Reencoding(asUser, request, (ReencodeTask) task, outdated).start(l);
          });
    }

    /** What a pipeline's processors of ours still have to do. */
    private QueryBuilder outdated(String id) {
      Pipeline pipeline = ingestService.getPipeline(id);
      if (pipeline == null) {
        throw new ResourceNotFoundException("there is no pipeline [{}]", id);
      }
      BoolQueryBuilder any = QueryBuilders.boolQuery();
      for (Processor processor : pipeline.flattenAllProcessors()) {
        Processor inner = processor;
        while (inner instanceof WrappingProcessor wrapping) {
          inner = wrapping.getInnerProcessor();
        }
        if (inner instanceof SemluxProcessor ours) {
          any.should(ours.outdated());
        } else if (inner.getType().equals("pipeline")) {
          any.should(QueryBuilders.matchAllQuery()); // what that one has is not known here
        }
      }
      if (any.should().isEmpty()) {
        throw new IllegalArgumentException(
            "pipeline [" + id + "] has no processor of type [" + SemluxProcessor.TYPE + "]");
      }
      return any;
    }
  }
}
