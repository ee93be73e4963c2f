package org.semlux.plugin.reencode;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;

/** Why a document stayed as it was. */
public record ReencodeFailure(String index, String id, int status, String reason)
    implements Writeable {
  ReencodeFailure(StreamInput in) throws IOException {
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
