package org.semlux.plugin.field;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.join.ScoreMode;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.index.query.AbstractQueryBuilder;
import org.elasticsearch.index.query.InnerHitBuilder;
import org.elasticsearch.index.query.InnerHitContextBuilder;
import org.elasticsearch.index.query.LeafQueryBuilder;
import org.elasticsearch.index.query.NestedQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.plugins.SearchPlugin.QuerySpec;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ObjectParser.ValueType;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.plugin.query.ParseReason;
import org.semlux.plugin.query.QueryEncodings;
import org.semlux.plugin.search.RunningSearch;

/**
 * {@code "semlux":{"field":…,"query":…}}: documents by the best chunk of a {@code semlux_text}
 * field. The node that was asked encodes the text once for each model that the field has in the
 * indices that are searched; each shard takes its own.
 *
 * <p>{@code k}, {@code num_candidates} and {@code filter} are those of Elasticsearch's {@code knn}
 * query, for fields with a dense model. Without {@code k} there are as many neighbours as any part
 * of the search looks at: that is decided where the whole search is known, since a retriever's
 * window is searched for twice, by itself and as what its page is cut from.
 */
public final class SemluxQueryBuilder extends LeafQueryBuilder<SemluxQueryBuilder> {
  public static final String NAME = "semlux";

  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField QUERY = new ParseField("query");
  private static final ParseField INNER_HITS = new ParseField("inner_hits");

  private static final ConstructingObjectParser<SemluxQueryBuilder, FieldQueries> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, queries) -> {
            @SuppressWarnings("unchecked") // parsed as such
            List<QueryBuilder> filters = (List<QueryBuilder>) values[4];
            return new SemluxQueryBuilder(
                queries,
                (String) values[0],
                (String) values[1],
                new Neighbours(
                    (Integer) values[2],
                    (Integer) values[3],
                    filters == null ? List.of() : filters),
                (InnerHitBuilder) values[5]);
          });

  static {
    PARSER.declareString(constructorArg(), FIELD);
    PARSER.declareString(constructorArg(), QUERY);
    PARSER.declareInt(optionalConstructorArg(), Neighbours.K);
    PARSER.declareInt(optionalConstructorArg(), Neighbours.NUM_CANDIDATES);
    PARSER.declareFieldArray(
        optionalConstructorArg(),
        (parser, queries) -> AbstractQueryBuilder.parseTopLevelQuery(parser),
        Neighbours.FILTER,
        ValueType.OBJECT_ARRAY);
    PARSER.declareObject(
        optionalConstructorArg(), (parser, queries) -> innerHits(parser), INNER_HITS);
    declareStandardFields(PARSER);
  }

  private final FieldQueries queries;
  private final String field;
  private final String query;
  private final Neighbours neighbours;
  @Nullable private final InnerHitBuilder innerHits;

  /** By {@link ChunkSearch#key}; null until the node that was asked has encoded the text. */
  @Nullable private final Map<String, QueryEncoding> encodings;

  @Nullable private Pending pending;

  /** Whose chunks a shard shows as inner hits. */
  @Nullable private NestedQueryBuilder shown;

  /** What the node that was asked finds out before shards are. */
  private static final class Pending {
    final Map<String, QueryEncoding> encodings = new ConcurrentHashMap<>();

    /** 0 until it is known, when encoding begins. */
    volatile int window;
  }

  /**
   * @throws IllegalArgumentException naming what is wrong
   */
  SemluxQueryBuilder(
      FieldQueries queries,
      String field,
      String query,
      Neighbours neighbours,
      @Nullable InnerHitBuilder innerHits) {
    this(queries, field, query, neighbours, innerHits, null);
    QueryEncodings.checkText(QUERY.getPreferredName(), query);
  }

  private SemluxQueryBuilder(
      FieldQueries queries,
      String field,
      String query,
      Neighbours neighbours,
      @Nullable InnerHitBuilder innerHits,
      @Nullable Map<String, QueryEncoding> encodings) {
    this.queries = queries;
    this.field = field;
    this.query = query;
    this.neighbours = neighbours;
    this.innerHits = innerHits;
    this.encodings = encodings;
  }

  private SemluxQueryBuilder(FieldQueries queries, StreamInput in) throws IOException {
    super(in);
    this.queries = queries;
    this.field = in.readString();
    this.query = in.readString();
    this.neighbours = new Neighbours(in);
    this.innerHits = in.readOptionalWriteable(InnerHitBuilder::new);
    this.encodings = in.readBoolean() ? in.readMap(QueryEncoding::new) : null;
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    if (pending != null) {
      throw new IllegalStateException("[semlux] is being rewritten and cannot be sent");
    }
    out.writeString(field);
    out.writeString(query);
    neighbours.writeTo(out);
    out.writeOptionalWriteable(innerHits);
    out.writeBoolean(encodings != null);
    if (encodings != null) {
      out.writeMap(encodings, StreamOutput::writeWriteable);
    }
  }

  /** How a node reads this query from a request and from other nodes, with its own encoders. */
  static QuerySpec<SemluxQueryBuilder> spec(FieldQueries queries) {
    return new QuerySpec<>(
        NAME,
        in -> new SemluxQueryBuilder(queries, in),
        parser -> ParseReason.query(parser, () -> PARSER.parse(parser, queries)));
  }

  /** No source holds chunks, and a search for them among the texts of an array fails. */
  private static InnerHitBuilder innerHits(XContentParser parser) throws IOException {
    InnerHitBuilder found = InnerHitBuilder.fromXContent(parser);
    if (found.getFetchFields() != null || found.getHighlightBuilder() != null) {
      throw new IllegalArgumentException(
          "[inner_hits] of [semlux] are chunks, without [fields] or a [highlight] of their own: ask for both beside the query, or here for [docvalue_fields] such as a chunk's [start] and [end]");
    }
    return found.setFetchSourceContext(FetchSourceContext.DO_NOT_FETCH_SOURCE);
  }

  private SemluxQueryBuilder with(
      Neighbours newNeighbours, @Nullable Map<String, QueryEncoding> newEncodings) {
    SemluxQueryBuilder copy =
        new SemluxQueryBuilder(queries, field, query, newNeighbours, innerHits, newEncodings);
    copy.boost(boost());
    copy.queryName(queryName());
    return copy;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the same object says that nothing is left to rewrite
  protected QueryBuilder doRewrite(QueryRewriteContext context) throws IOException {
    SearchExecutionContext shard = context.convertToSearchExecutionContext();
    if (shard == null && encodings == null && context.getResolvedIndices() != null) {
      return encoded(context);
    }
    Neighbours rewritten = neighbours.rewrite(context);
    if (rewritten != neighbours) {
      return with(rewritten, encodings);
    }
    SemluxTextFieldType type = shard == null || innerHits == null ? null : mapped(shard);
    if (type != null && shown == null) {
      SemluxQueryBuilder copy = with(neighbours, encodings);
      QueryBuilder chunks = search(type, shard).each(queries.encodings());
      copy.shown =
          new NestedQueryBuilder(type.chunks().chunks().fullPath(), chunks, ScoreMode.Max)
              .innerHit(innerHits);
      return copy;
    }
    return this;
  }

  /** Encodes the text for all models of the field, on the node that was asked. */
  private QueryBuilder encoded(QueryRewriteContext context) {
    if (pending != null) { // Elasticsearch goes on rewriting before it waits
      return pending.window == 0
          ? this
          : with(neighbours.orElse(pending.window), pending.encodings);
    }
    ResolvedIndices resolved = context.getResolvedIndices();
    if (!resolved.getRemoteClusterIndices().isEmpty()) {
      throw new IllegalArgumentException(
          "[semlux] searches this cluster's own indices, not those of %s: ask that cluster itself"
              .formatted(resolved.getRemoteClusterIndices().keySet()));
    }
    Map<String, ModelSettings> models = queries.models(resolved, field);
    if (models.isEmpty()) {
      return with(neighbours, Map.of());
    }
    Pending answers = new Pending();
    SemluxQueryBuilder waiting = with(neighbours, null);
    waiting.pending = answers;
    context.registerAsyncAction(
        (client, listener) -> {
          ThreadPool threadPool = client.threadPool();
          answers.window = RunningSearch.window(threadPool.getThreadContext());
          queries.encode(threadPool, query, models, answers.encodings, listener);
        });
    return waiting;
  }

  /** The field in an index; null where it has none, or nothing was encoded yet. */
  @Nullable private SemluxTextFieldType mapped(SearchExecutionContext context) {
    MappedFieldType type = context.getFieldType(field);
    if (type == null) {
      return null;
    }
    if (!(type instanceof SemluxTextFieldType found)) {
      throw new IllegalArgumentException(
          "field [%s] must be of type [semlux_text], not [%s]".formatted(field, type.typeName()));
    }
    return found.settings() == null ? null : found;
  }

  private ChunkSearch search(SemluxTextFieldType type, SearchExecutionContext context)
      throws IOException {
    if (encodings == null) {
      throw new IllegalArgumentException(
          "[semlux] cannot encode its [query] here: an alias's filter, and whatever else"
              + " Elasticsearch keeps as a query, takes a [query_vector]");
    }
    return new ChunkSearch(type, encodings, context.getIndexReader());
  }

  @Override
  protected void extractInnerHitBuilders(Map<String, InnerHitContextBuilder> found) {
    if (shown != null) {
      shown.extractInnerHitBuilders(found);
    }
  }

  @Override
  protected Query doToQuery(SearchExecutionContext context) throws IOException {
    return DocumentLevel.query(context, () -> documents(context));
  }

  private Query documents(SearchExecutionContext context) throws IOException {
    SemluxTextFieldType type = mapped(context);
    if (type == null) {
      return new MatchNoDocsQuery("field [" + field + "] holds nothing to be searched");
    }
    ChunkSearch search = search(type, context);
    QueryBuilder chunks = search.best(queries.encodings(), neighbours);
    Query documents =
        NestedQueryBuilder.toQuery(
            nested -> DocumentLevel.query(nested, () -> chunks.toQuery(nested)),
            type.chunks().chunks().fullPath(),
            ScoreMode.Max,
            false,
            context);
    if (!search.isDense() && !neighbours.filters().isEmpty()) {
      var filtered = new BooleanQuery.Builder();
      filtered.add(documents, Occur.MUST);
      for (QueryBuilder filter : neighbours.filters()) {
        filtered.add(filter.toQuery(context), Occur.FILTER);
      }
      documents = filtered.build();
    }
    return new ChunkQuery(
        type.name(), documents, search.each(queries.encodings()).toQuery(context));
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME);
    builder.field(FIELD.getPreferredName(), field);
    builder.field(QUERY.getPreferredName(), query);
    neighbours.toXContent(builder, params);
    if (innerHits != null) {
      builder.field(INNER_HITS.getPreferredName(), innerHits, params);
    }
    boostAndQueryNameToXContent(builder);
    builder.endObject();
  }

  @Override
  protected boolean doEquals(SemluxQueryBuilder other) {
    return field.equals(other.field)
        && query.equals(other.query)
        && neighbours.equals(other.neighbours)
        && text(innerHits).equals(text(other.innerHits))
        && Objects.equals(encodings, other.encodings);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(field, query, neighbours, text(innerHits), encodings);
  }

  private static String text(@Nullable InnerHitBuilder innerHits) {
    return innerHits == null ? "" : Strings.toString(innerHits);
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
