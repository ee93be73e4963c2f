package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.search.vectors.KnnVectorQueryBuilder;
import org.elasticsearch.search.vectors.VectorData;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.ToXContentFragment;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Which neighbours of a query's vector count, as Elasticsearch's {@code knn} query says it.
 *
 * @param k how many; null until it is known how many hits the search looks at
 * @param candidates how many are looked at; null for Elasticsearch's choice
 * @param filters of documents, kept while neighbours are looked for
 */
record Neighbours(@Nullable Integer k, @Nullable Integer candidates, List<QueryBuilder> filters)
    implements Writeable, ToXContentFragment {
  static final ParseField K = new ParseField("k");
  static final ParseField NUM_CANDIDATES = new ParseField("num_candidates");
  static final ParseField FILTER = new ParseField("filter");

  static final Neighbours DEFAULT = new Neighbours(null, null, List.of());
  private static final int MAX_CANDIDATES = 10_000;

  /**
   * @throws IllegalArgumentException naming the number that is out of its bounds
   */
  Neighbours {
    if (k != null && k < 1) {
      throw new IllegalArgumentException("[k] must be at least 1, not " + k);
    }
    if (candidates != null && (candidates < 1 || candidates > MAX_CANDIDATES)) {
      throw new IllegalArgumentException(
          "[num_candidates] must be 1 to %s, not %s".formatted(MAX_CANDIDATES, candidates));
    }
    if (k != null && candidates != null && candidates < k) {
      throw new IllegalArgumentException(
          "[num_candidates] is %s, less than [k], which is %s".formatted(candidates, k));
    }
  }

  Neighbours(StreamInput in) throws IOException {
    this(
        in.readOptionalVInt(),
        in.readOptionalVInt(),
        in.readNamedWriteableCollectionAsList(QueryBuilder.class));
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeOptionalVInt(k);
    out.writeOptionalVInt(candidates);
    out.writeNamedWriteableCollection(filters);
  }

  /** Unless it says how many: these many, or as many as are looked at. */
  Neighbours orElse(int count) {
    if (k != null) {
      return this;
    }
    return new Neighbours(
        candidates == null ? count : Math.min(count, candidates), candidates, filters);
  }

  /** Itself where filters need no rewriting. */
  Neighbours rewrite(QueryRewriteContext context) throws IOException {
    List<QueryBuilder> rewritten = new ArrayList<>();
    boolean changed = false;
    for (QueryBuilder filter : filters) {
      QueryBuilder one = filter.rewrite(context);
      changed |= one != filter;
      rewritten.add(one);
    }
    return changed ? new Neighbours(k, candidates, rewritten) : this;
  }

  KnnVectorQueryBuilder of(VectorData vector, String field) {
    return new KnnVectorQueryBuilder(field, vector, k, candidates, null, null, null)
        .addFilterQueries(filters);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    if (k != null) {
      builder.field(K.getPreferredName(), k);
    }
    if (candidates != null) {
      builder.field(NUM_CANDIDATES.getPreferredName(), candidates);
    }
    if (!filters.isEmpty()) {
      builder.startArray(FILTER.getPreferredName());
      for (QueryBuilder filter : filters) {
        filter.toXContent(builder, params);
      }
      builder.endArray();
    }
    return builder;
  }
}
