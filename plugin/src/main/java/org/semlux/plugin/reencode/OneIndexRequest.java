package org.semlux.plugin.reencode;

import java.io.IOException;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.IndicesRequest;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;

/** A request about one index, alias or data stream, which the privilege on that index allows. */
abstract sealed class OneIndexRequest extends UntypedActionRequest implements IndicesRequest
    permits ReencodeRequest, ReencodeTaskRequest, HiddenFields.Request {
  private final String index;

  OneIndexRequest(String index) {
    this.index = index;
  }

  OneIndexRequest(StreamInput in) throws IOException {
    super(in);
    index = in.readString();
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    super.writeTo(out);
    out.writeString(index);
  }

  String index() {
    return index;
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
    boolean several = index.equals("_all") || index.contains("*") || index.contains(",");
    if (!index.isBlank() && !several) {
      return null;
    }
    ActionRequestValidationException problem = new ActionRequestValidationException();
    problem.addValidationError("[index] must name one index, not [" + index + "]");
    return problem;
  }
}
