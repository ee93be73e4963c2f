package org.semlux.plugin.field;

import java.io.IOException;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.search.vectors.VectorData;
import org.semlux.plugin.query.QueryWeights;

/**
 * What a model made of a query's text.
 *
 * @param vector null for a sparse model
 * @param weights null for a dense one
 */
record QueryEncoding(@Nullable VectorData vector, @Nullable QueryWeights weights)
    implements Writeable {
  QueryEncoding(StreamInput in) throws IOException {
    this(in.readOptionalWriteable(VectorData::new), in.readOptionalWriteable(QueryWeights::new));
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeOptionalWriteable(vector);
    out.writeOptionalWriteable(weights);
  }
}
