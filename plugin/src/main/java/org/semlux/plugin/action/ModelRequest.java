package org.semlux.plugin.action;

import java.io.IOException;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;

/** Asks the elected master to do something with one model. */
public final class ModelRequest extends AcknowledgedRequest<ModelRequest> {
  private final String id;

  /**
   * @param masterTimeout how long to wait for a master
   * @param timeout how long to wait for the nodes
   */
  public ModelRequest(TimeValue masterTimeout, TimeValue timeout, String id) {
    super(masterTimeout, timeout);
    this.id = id;
  }

  public ModelRequest(StreamInput in) throws IOException {
    super(in);
    id = in.readString();
  }

  public String id() {
    return id;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    out.writeString(id);
  }

  @Override
  public String getDescription() {
    return "model [" + id + "]";
  }
}
