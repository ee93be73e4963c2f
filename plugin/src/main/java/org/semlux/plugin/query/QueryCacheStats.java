package org.semlux.plugin.query;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * What a node's cache of query encodings has done since the node started.
 *
 * @param hits texts that were known
 * @param misses texts that were not; who then waited for another's encoding counts too
 * @param evictions encodings dropped to make room, or unused for long
 * @param entries encodings that are kept
 * @param sizeInBytes about what they take of the heap
 */
public record QueryCacheStats(
    long hits, long misses, long evictions, long entries, long sizeInBytes)
    implements Writeable, ToXContentObject {
  public QueryCacheStats(StreamInput in) throws IOException {
    this(in.readVLong(), in.readVLong(), in.readVLong(), in.readVLong(), in.readVLong());
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeVLong(hits);
    out.writeVLong(misses);
    out.writeVLong(evictions);
    out.writeVLong(entries);
    out.writeVLong(sizeInBytes);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder
        .startObject()
        .field("hits", hits)
        .field("misses", misses)
        .field("evictions", evictions)
        .field("entries", entries)
        .field("size_in_bytes", sizeInBytes)
        .endObject();
  }
}
