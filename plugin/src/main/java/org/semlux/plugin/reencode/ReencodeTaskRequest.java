package org.semlux.plugin.reencode;

import java.io.IOException;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.IndicesRequest;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.TaskId;

/** Asks about a run over an index, which the privilege on that index allows. */
public final class ReencodeTaskRequest extends UntypedActionRequest implements IndicesRequest {
  private final String index;
  private final TaskId task;
  private final boolean waits;
  private final TimeValue timeout;

  /**
   * @param index as the run was asked for
   * @param waits whether for the run's end, at most as long as the timeout
   */
  public ReencodeTaskRequest(String index, TaskId task, boolean waits, TimeValue timeout) {
    this.index = index;
    this.task = task;
    this.waits = waits;
    this.timeout = timeout;
  }

  public ReencodeTaskRequest(StreamInput in) throws IOException {
    super(in);
    index = in.readString();
    task = TaskId.readFromStream(in);
    waits = in.readBoolean();
    timeout = in.readTimeValue();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    out.writeString(index);
    task.writeTo(out);
    out.writeBoolean(waits);
    out.writeTimeValue(timeout);
  }

  String index() {
    return index;
  }

  TaskId task() {
    return task;
  }

  boolean waits() {
    return waits;
  }

  TimeValue timeout() {
    return timeout;
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
  public ActionRequestValidationException validate() {
    ActionRequestValidationException problem = new ActionRequestValidationException();
    if (index.isBlank() || index.contains("*") || index.contains(",")) {
      problem.addValidationError("[index] must name one index, not [" + index + "]");
    }
    return problem.validationErrors().isEmpty() ? null : problem;
  }
}
