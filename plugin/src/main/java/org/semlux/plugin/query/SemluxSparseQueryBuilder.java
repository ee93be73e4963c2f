package org.semlux.plugin.query;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.SetOnce;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.index.mapper.vectors.SparseVectorFieldMapper.SparseVectorFieldType;
import org.elasticsearch.index.mapper.vectors.TokenPruningConfig;
import org.elasticsearch.index.query.LeafQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.plugins.SearchPlugin.QuerySpec;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.TermWeights;

/**
 * {@code "semlux_sparse":{"field":…,"model_id":…,"query":…}}: documents by the product of their
 * term weights in a {@code sparse_vector} field with the query's. The text is encoded on the node
 * that was asked; the shards get {@code query_vector}, which a user may give instead.
 *
 * <p>{@code prune} and {@code pruning_config} are those of Elasticsearch's own query for this
 * field, whose defaults they have: the field's. Pruning looks at the weights as they are given;
 * {@code idf} applies to what is left, see {@link IdfQuery}.
 */
public final class SemluxSparseQueryBuilder extends LeafQueryBuilder<SemluxSparseQueryBuilder> {
  public static final String NAME = "semlux_sparse";

  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField MODEL_ID = new ParseField("model_id");
  private static final ParseField QUERY = new ParseField("query");
  private static final ParseField QUERY_VECTOR = new ParseField("query_vector");

  private static final ConstructingObjectParser<SemluxSparseQueryBuilder, QueryEncodings> PARSER =
      new ConstructingObjectParser<>(
          NAME,
          false,
          (values, encodings) ->
              new SemluxSparseQueryBuilder(
                  encodings,
                  (String) values[0],
                  (String) values[1],
                  (String) values[2],
                  (QueryWeights) values[3],
                  new TermScoring(
                      (Boolean) values[4],
                      (TokenPruningConfig) values[5],
                      values[6] == null ? 0 : (Float) values[6])));

  static {
    PARSER.declareString(constructorArg(), FIELD);
    PARSER.declareString(optionalConstructorArg(), MODEL_ID);
    PARSER.declareString(optionalConstructorArg(), QUERY);
    PARSER.declareObject(
        optionalConstructorArg(), (parser, encodings) -> QueryWeights.read(parser), QUERY_VECTOR);
    PARSER.declareBoolean(optionalConstructorArg(), TermScoring.PRUNE);
    PARSER.declareObject(
        optionalConstructorArg(),
        (parser, encodings) -> TokenPruningConfig.PARSER.apply(parser, null),
        TermScoring.PRUNING_CONFIG);
    PARSER.declareFloat(optionalConstructorArg(), TermScoring.IDF);
    declareStandardFields(PARSER);
  }

  private final QueryEncodings encodings;
  private final String field;
  @Nullable private final String modelId;
  @Nullable private final String query;
  @Nullable private final QueryWeights weights;
  private final TermScoring scoring;
  @Nullable private SetOnce<TermWeights> pending;

  /**
   * @param encodings this node's; not part of the query's identity, and not sent to other nodes
   * @param weights null where {@code modelId} and {@code query} are given, and the other way round
   * @throws IllegalArgumentException naming what is missing, too much, or no weight
   */
  SemluxSparseQueryBuilder(
      QueryEncodings encodings,
      String field,
      @Nullable String modelId,
      @Nullable String query,
      @Nullable QueryWeights weights,
      TermScoring scoring) {
    if ((weights == null) == (query == null)) {
      throw new IllegalArgumentException(
          "[semlux_sparse] requires either [query_vector], or [query] with [model_id]");
    }
    if ((query == null) != (modelId == null)) {
      throw new IllegalArgumentException(
          "[semlux_sparse] requires [model_id] with [query], and not with [query_vector]");
    }
    if (query != null) {
      QueryEncodings.checkText(QUERY.getPreferredName(), query);
    } else {
      weights.check();
    }
    this.encodings = encodings;
    this.field = field;
    this.modelId = modelId;
    this.query = query;
    this.weights = weights;
    this.scoring = scoring;
  }

  private SemluxSparseQueryBuilder(QueryEncodings encodings, StreamInput in) throws IOException {
    super(in);
    this.encodings = encodings;
    this.field = in.readString();
    this.modelId = in.readOptionalString();
    this.query = in.readOptionalString();
    this.weights = in.readOptionalWriteable(QueryWeights::new);
    this.scoring = new TermScoring(in);
  }

  /** How a node reads this query from a request and from other nodes, with its own encoders. */
  public static QuerySpec<SemluxSparseQueryBuilder> spec(QueryEncodings encodings) {
    return new QuerySpec<>(
        NAME,
        in -> new SemluxSparseQueryBuilder(encodings, in),
        parser -> ParseReason.query(parser, () -> PARSER.parse(parser, encodings)));
  }

  /** A query of weights that are known, scored as by default. */
  public static SemluxSparseQueryBuilder of(
      QueryEncodings encodings, String field, QueryWeights weights) {
    return new SemluxSparseQueryBuilder(encodings, field, null, null, weights, TermScoring.DEFAULT);
  }

  @Override
  protected QueryBuilder doRewrite(QueryRewriteContext context) {
    if (weights != null) {
      return this;
    }
    if (context.convertToSearchExecutionContext() != null) {
      throw new IllegalArgumentException(
          "[semlux_sparse] cannot encode its [query] here: an alias's filter, and whatever else"
              + " Elasticsearch keeps as a query, takes a [query_vector]");
    }
    if (pending != null) {
      TermWeights encoded = pending.get();
      return encoded == null
          ? this
          : new SemluxSparseQueryBuilder(
              encodings, field, null, null, QueryWeights.positive(encoded), scoring);
    }
    var waiting = new SemluxSparseQueryBuilder(encodings, field, modelId, query, null, scoring);
    SetOnce<TermWeights> answer = new SetOnce<>();
    waiting.pending = answer;
    context.registerAsyncAction(
        (client, listener) ->
            encodings.sparse(
                client.threadPool(),
                modelId,
                query,
                listener.delegateFailureAndWrap(
                    (rewritten, terms) -> {
                      answer.set(terms);
                      rewritten.onResponse(null);
                    })));
    return waiting;
  }

  @Override
  protected Query doToQuery(SearchExecutionContext context) throws IOException {
    if (weights == null) {
      throw new IllegalStateException("[semlux_sparse] must be rewritten before it is a query");
    }
    MappedFieldType type = context.getFieldType(field);
    if (type == null && !context.getMatchingFieldNames(field + ".*").isEmpty()) {
      throw new IllegalArgumentException(
          "field [%s] must be of type [sparse_vector], not [object]".formatted(field));
    }
    if (type == null) {
      return new MatchNoDocsQuery(
          "The \"" + NAME + "\" query is against a field that does not exist");
    }
    if (!(type instanceof SparseVectorFieldType sparse)) {
      throw new IllegalArgumentException(
          "field [%s] must be of type [sparse_vector], not [%s]".formatted(field, type.typeName()));
    }
    Query scores =
        sparse.finalizeSparseVectorQuery(
            context, type.name(), weights.tokens(), scoring.prune(), scoring.pruningConfig());
    if (scoring.idf() == 0) {
      return scores;
    }
    Map<Query, String> features = new HashMap<>();
    weights.tokens().forEach(w -> features.put(type.termQuery(w.token(), context), w.token()));
    return IdfQuery.over(type.name(), scores, features, scoring.idf());
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    if (pending != null) {
      throw new IllegalStateException("[semlux_sparse] is being rewritten and cannot be sent");
    }
    out.writeString(field);
    out.writeOptionalString(modelId);
    out.writeOptionalString(query);
    out.writeOptionalWriteable(weights);
    scoring.writeTo(out);
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME).field(FIELD.getPreferredName(), field);
    if (weights == null) {
      builder.field(MODEL_ID.getPreferredName(), modelId);
      builder.field(QUERY.getPreferredName(), query);
    } else {
      weights.toXContent(builder.field(QUERY_VECTOR.getPreferredName()));
    }
    scoring.toXContent(builder, params);
    boostAndQueryNameToXContent(builder);
    builder.endObject();
  }

  @Override
  protected boolean doEquals(SemluxSparseQueryBuilder other) {
    return field.equals(other.field)
        && Objects.equals(modelId, other.modelId)
        && Objects.equals(query, other.query)
        && Objects.equals(weights, other.weights)
        && scoring.equals(other.scoring);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(field, modelId, query, weights, scoring);
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
