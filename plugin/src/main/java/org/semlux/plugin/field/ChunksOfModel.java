package org.semlux.plugin.field;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.index.query.LeafQueryBuilder;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.xcontent.XContentBuilder;

/** Chunks of the documents that name a model; made on a shard and never sent. */
final class ChunksOfModel extends LeafQueryBuilder<ChunksOfModel> {
  private static final String NAME = "semlux_chunks_of_model";

  private final SemluxTextFieldType type;
  private final List<BytesRef> terms;

  ChunksOfModel(SemluxTextFieldType type, List<BytesRef> terms) {
    this.type = type;
    this.terms = terms;
  }

  @Override
  protected Query doToQuery(SearchExecutionContext context) {
    return DocumentModels.chunks(type.chunks(), terms, context);
  }

  @Override
  protected void doWriteTo(StreamOutput out) {
    throw new IllegalStateException("[" + NAME + "] belongs to its shard");
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME).field("field", type.name()).endObject();
  }

  @Override
  protected boolean doEquals(ChunksOfModel other) {
    return type.name().equals(other.type.name()) && terms.equals(other.terms);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(type.name(), terms);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public TransportVersion getMinimalSupportedVersion() {
    return TransportVersion.minimumCompatible();
  }
}
