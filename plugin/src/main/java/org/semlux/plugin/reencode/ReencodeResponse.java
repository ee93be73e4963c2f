package org.semlux.plugin.reencode;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;

/** What came of it, with the first failures. */
public final class ReencodeResponse extends ActionResponse implements ToXContentObject {
  private final long tookMillis;
  private final ReencodeStatus status;
  private final List<ReencodeFailure> failures;

  public ReencodeResponse(long tookMillis, ReencodeStatus status, List<ReencodeFailure> failures) {
    this.tookMillis = tookMillis;
    this.status = status;
    this.failures = List.copyOf(failures);
  }

  public ReencodeResponse(StreamInput in) throws IOException {
    this(in.readVLong(), new ReencodeStatus(in), in.readCollectionAsList(ReencodeFailure::new));
  }

  public ReencodeStatus status() {
    return status;
  }

  public List<ReencodeFailure> failures() {
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
    for (ReencodeFailure failure : failures) {
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
