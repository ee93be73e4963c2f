package org.semlux.plugin.reencode;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
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
    for (long count : counts().values()) {
      out.writeVLong(count);
    }
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return fields(builder.startObject()).endObject();
  }

  XContentBuilder fields(XContentBuilder builder) throws IOException {
    for (Map.Entry<String, Long> count : counts().entrySet()) {
      builder.field(count.getKey(), count.getValue());
    }
    return builder;
  }

  /** By name, in the order of the components. */
  private Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("documents", documents);
    counts.put("checked", checked);
    counts.put("total", total);
    counts.put("updated", updated);
    counts.put("version_conflicts", versionConflicts);
    counts.put("failed", failed);
    counts.put("batches", batches);
    counts.put("throttled_millis", throttledMillis);
    return counts;
  }
}
