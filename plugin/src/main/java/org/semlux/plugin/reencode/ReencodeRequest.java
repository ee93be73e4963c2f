package org.semlux.plugin.reencode;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;

/** Asks for a run over one index, alias or data stream. */
public final class ReencodeRequest extends OneIndexRequest {
  public static final int DEFAULT_BATCH_SIZE = 100;
  private static final int MAX_BATCH_SIZE = 1_000;

  @Nullable private final String pipeline;
  private final float documentsPerSecond;
  private final int batchSize;
  private final boolean storesResult;

  /**
   * @param index an index, alias or data stream
   * @param pipeline null where the index's own fields are to be encoded anew
   * @param documentsPerSecond at most so many; infinite for no bound
   * @param batchSize documents that are read, encoded and written at once
   * @param storesResult whether the tasks API keeps the answer
   */
  public ReencodeRequest(
      String index,
      @Nullable String pipeline,
      float documentsPerSecond,
      int batchSize,
      boolean storesResult) {
    super(index);
    this.pipeline = pipeline;
    this.documentsPerSecond = documentsPerSecond;
    this.batchSize = batchSize;
    this.storesResult = storesResult;
  }

  public ReencodeRequest(StreamInput in) throws IOException {
    super(in);
    pipeline = in.readOptionalString();
    documentsPerSecond = in.readFloat();
    batchSize = in.readVInt();
    storesResult = in.readBoolean();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    out.writeOptionalString(pipeline);
    out.writeFloat(documentsPerSecond);
    out.writeVInt(batchSize);
    out.writeBoolean(storesResult);
  }

  /** Null where the index's own fields are meant. */
  @Nullable String pipeline() {
    return pipeline;
  }

  float documentsPerSecond() {
    return documentsPerSecond;
  }

  int batchSize() {
    return batchSize;
  }

  @Override
  public boolean getShouldStoreResult() {
    return storesResult;
  }

  @Override
  public ActionRequestValidationException validate() {
    ActionRequestValidationException problem =
        Objects.requireNonNullElseGet(super.validate(), ActionRequestValidationException::new);
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
    return description(index()) + (pipeline == null ? "its fields" : "pipeline [" + pipeline + "]");
  }

  /** What the description of any run over an index begins with. */
  static String description(String index) {
    return "re-encode [" + index + "] by ";
  }
}
