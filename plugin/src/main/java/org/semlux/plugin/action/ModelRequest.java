package org.semlux.plugin.action;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.semlux.plugin.model.ModelUses;

/** Asks the elected master to do something with one model. */
public final class ModelRequest extends AcknowledgedRequest<ModelRequest> {
  private final String id;
  private final boolean force;

  /**
   * @param masterTimeout how long to wait for a master
   * @param timeout how long to wait for the nodes
   */
  public ModelRequest(TimeValue masterTimeout, TimeValue timeout, String id) {
    this(masterTimeout, timeout, id, false);
  }

  /**
   * @param force whether a model may be taken out of use that is in use
   */
  public ModelRequest(TimeValue masterTimeout, TimeValue timeout, String id, boolean force) {
    super(masterTimeout, timeout);
    this.id = id;
    this.force = force;
  }

  public ModelRequest(StreamInput in) throws IOException {
    super(in);
    id = in.readString();
    force = in.readBoolean();
  }

  public String id() {
    return id;
  }

  /**
   * A check of states that refuses to take the model out of use where it is in use, unless that is
   * forced. Keeps what it has read.
   */
  Consumer<ClusterState> unusedCheck() {
    ModelUses uses = new ModelUses();
    return force ? state -> {} : state -> uses.requireNone(state, id);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    out.writeString(id);
    out.writeBoolean(force);
  }

  /** Whoever waits for it may give up waiting. */
  @Override
  public Task createTask(
      long id, String type, String action, TaskId parent, Map<String, String> headers) {
    return new CancellableTask(id, type, action, getDescription(), parent, headers);
  }

  @Override
  public String getDescription() {
    return "model [" + id + "]";
  }
}
