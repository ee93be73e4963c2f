package org.semlux.plugin.reencode;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * How far a re-encoding is.
 *
 * @param documents in the index when it began
 * @param checked of them so far
 * @param total of those checked, the ones to be encoded anew
 * @param updated those that were written
 * @param versionConflicts those that somebody else wrote meanwhile, and so left alone
 * @param failed those that could not be encoded or written
 * @param throttledMillis waited to keep to the rate that was asked for
 */
public record ReencodeStatus(
    long documents,
    long checked,
    long total,
    long updated,
    long versionConflicts,
    long failed,
    long batches,
    long throttledMillis)
    implements Task.Status {
  static final ReencodeStatus NONE = new ReencodeStatus(0, 0, 0, 0, 0, 0, 0, 0);
  public static final String NAME = "semlux_reencode";

  public ReencodeStatus(StreamInput in) throws IOException {
    this(
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong(),
        in.readVLong());
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeVLong(documents);
    out.writeVLong(checked);
    out.writeVLong(total);
    out.writeVLong(updated);
    out.writeVLong(versionConflicts);
    out.writeVLong(failed);
    out.writeVLong(batches);
    out.writeVLong(throttledMillis);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return fields(builder.startObject()).endObject();
  }

  XContentBuilder fields(XContentBuilder builder) throws IOException {
    return builder
        .field("documents", documents)
        .field("checked", checked)
        .field("total", total)
        .field("updated", updated)
        .field("version_conflicts", versionConflicts)
        .field("failed", failed)
        .field("batches", batches)
        .field("throttled_millis", throttledMillis);
  }
}
