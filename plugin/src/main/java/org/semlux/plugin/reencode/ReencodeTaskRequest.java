package org.semlux.plugin.reencode;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.TaskId;

/** Asks about a run over an index. */
public final class ReencodeTaskRequest extends OneIndexRequest {
  private final TaskId task;
  private final boolean waits;
  private final TimeValue timeout;

  /**
   * @param index as the run was asked for
   * @param waits whether for the run's end, at most as long as the timeout
   */
  public ReencodeTaskRequest(String index, TaskId task, boolean waits, TimeValue timeout) {
    super(index);
    this.task = task;
    this.waits = waits;
    this.timeout = timeout;
  }

  public ReencodeTaskRequest(StreamInput in) throws IOException {
    super(in);
    task = TaskId.readFromStream(in);
    waits = in.readBoolean();
    timeout = in.readTimeValue();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    task.writeTo(out);
    out.writeBoolean(waits);
    out.writeTimeValue(timeout);
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
}
