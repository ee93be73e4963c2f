package org.semlux.plugin.rescore;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.search.rescore.QueryRescoreMode;

/**
 * How a first score and a cross-encoder's become one.
 *
 * @param query multiplies the first score; 0 or more, so that hits beyond the window keep their
 *     order
 * @param rescoreQuery multiplies the cross-encoder's
 */
record ScoreWeights(float query, float rescoreQuery, QueryRescoreMode mode) implements Writeable {
  ScoreWeights {
    if (!(query >= 0 && Float.isFinite(query))) {
      throw new IllegalArgumentException("[query_weight] must be 0 or more, not " + query);
    }
    if (!Float.isFinite(rescoreQuery)) {
      throw new IllegalArgumentException(
          "[rescore_query_weight] must be a finite number, not " + rescoreQuery);
    }
  }

  ScoreWeights(StreamInput in) throws IOException {
    this(in.readFloat(), in.readFloat(), QueryRescoreMode.readFromStream(in));
  }

  float combine(float first, float second) {
    return mode.combine(query * first, rescoreQuery * second);
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeFloat(query);
    out.writeFloat(rescoreQuery);
    mode.writeTo(out);
  }
}
