package org.semlux.plugin.rescore;

import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.elasticsearch.TransportVersion;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.plugins.SearchPlugin.RescorerSpec;
import org.elasticsearch.search.rescore.QueryRescoreMode;
import org.elasticsearch.search.rescore.RescoreContext;
import org.elasticsearch.search.rescore.RescorerBuilder;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.query.ParseReason;
import org.semlux.plugin.search.RunningSearch;

/**
 * {@code "rescore":{"window_size":…,"semlux_cross_encoder":{"model_id":…,"field":…,"query":…}}}:
 * each shard scores the best documents of its own. {@code query_weight}, {@code
 * rescore_query_weight} and {@code score_mode} are those of Elasticsearch's query rescorer, and so
 * are their defaults.
 *
 * <p>For one ranking over all shards take the {@code semlux_rerank} retriever, which also keeps no
 * search thread waiting.
 */
public final class CrossEncoderRescorerBuilder
    extends RescorerBuilder<CrossEncoderRescorerBuilder> {
  public static final String NAME = "semlux_cross_encoder";

  private static final ParseField QUERY_WEIGHT = new ParseField("query_weight");
  private static final ParseField RESCORE_QUERY_WEIGHT = new ParseField("rescore_query_weight");
  private static final ParseField SCORE_MODE = new ParseField("score_mode");
  private static final ConstructingObjectParser<CrossEncoderRescorerBuilder, EncoderSource> PARSER =
      new ConstructingObjectParser<>(NAME, false, CrossEncoderRescorerBuilder::fromParsed);

  static {
    Reranking.declare(PARSER);
    PARSER.declareFloat(optionalConstructorArg(), QUERY_WEIGHT);
    PARSER.declareFloat(optionalConstructorArg(), RESCORE_QUERY_WEIGHT);
    PARSER.declareString(optionalConstructorArg(), QueryRescoreMode::fromString, SCORE_MODE);
  }

  private final EncoderSource encoders;
  private final Reranking reranking;
  private final ScoreWeights weights;

  /** Fields that no index of the search has to be read; null until the node that is asked knows. */
  @Nullable private Set<String> missing;

  /**
   * @param encoders this node's; not part of the builder's identity, and not sent to other nodes
   */
  CrossEncoderRescorerBuilder(EncoderSource encoders, Reranking reranking, ScoreWeights weights) {
    this.encoders = encoders;
    this.reranking = reranking;
    this.weights = weights;
  }

  private CrossEncoderRescorerBuilder(EncoderSource encoders, StreamInput in) throws IOException {
    super(in);
    this.encoders = encoders;
    this.reranking = new Reranking(in);
    this.weights = new ScoreWeights(in);
    List<String> known = in.readOptionalStringCollectionAsList();
    this.missing = known == null ? null : Set.copyOf(known);
  }

  private static CrossEncoderRescorerBuilder fromParsed(Object[] values, EncoderSource encoders) {
    ScoreWeights weights =
        new ScoreWeights(
            values[4] == null ? 1 : (Float) values[4],
            values[5] == null ? 1 : (Float) values[5],
            values[6] == null ? QueryRescoreMode.Total : (QueryRescoreMode) values[6]);
    return new CrossEncoderRescorerBuilder(encoders, Reranking.fromParsed(values), weights);
  }

  /** How a node reads this builder from a request and from other nodes, with its own encoders. */
  public static RescorerSpec<CrossEncoderRescorerBuilder> spec(EncoderSource encoders) {
    return new RescorerSpec<>(
        NAME,
        in -> new CrossEncoderRescorerBuilder(encoders, in),
        parser -> ParseReason.first(parser, () -> PARSER.parse(parser, encoders)));
  }

  Reranking reranking() {
    return reranking;
  }

  ScoreWeights weights() {
    return weights;
  }

  /**
   * @param size of the window, on each shard: 1 to {@value Reranking#MAX_WINDOW}
   */
  @Override
  public CrossEncoderRescorerBuilder windowSize(int size) {
    return super.windowSize(Reranking.checkWindow(WINDOW_SIZE_FIELD.getPreferredName(), size));
  }

  /** The node that is asked finds out which fields exist; shards read them and score the pairs. */
  @Override
  public CrossEncoderRescorerBuilder rewrite(QueryRewriteContext context) {
    if (missing != null || context.getResolvedIndices() == null) {
      return this;
    }
    var rewritten = new CrossEncoderRescorerBuilder(encoders, reranking, weights);
    rewritten.windowSize = windowSize;
    rewritten.missing = Set.of();
    context.registerAsyncAction(
        (client, listener) ->
            MappedFields.missing(
                client,
                context.getResolvedIndices(),
                reranking.readFields(),
                RunningSearch.goingOn(client.threadPool().getThreadContext(), listener)
                    .map(
                        found -> {
                          rewritten.missing = found;
                          return null;
                        })));
    return rewritten;
  }

  @Override
  protected RescoreContext innerBuildContext(int windowSize, SearchExecutionContext context) {
    context.disableCache(); // an alias may stand for another model a moment later
    List<DocumentFields.Field> fields = new ArrayList<>();
    for (String name : reranking.readFields()) {
      // A field that this index does not have is missing in its documents.
      Optional<MappedFieldType> type = Optional.ofNullable(context.getFieldType(name));
      boolean reads = type.map(t -> MappedFields.isReadable(t.typeName())).orElse(false);
      if (!reads && missing != null && missing.contains(name)) {
        throw MappedFields.refused(name);
      }
      type.ifPresent(
          known -> {
            ValueFetcher values = known.valueFetcher(context, null);
            fields.add(new DocumentFields.Field(name, values));
          });
    }
    CrossEncoderRescorer rescorer =
        new CrossEncoderRescorer(
            encoders,
            reranking,
            weights,
            new DocumentFields(() -> context.createSourceProvider(null), fields));
    return new RescoreContext(windowSize, rescorer);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }

  @Override
  public TransportVersion getMinimalSupportedVersion() {
    return TransportVersion.minimumCompatible();
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    reranking.writeTo(out);
    weights.writeTo(out);
    out.writeOptionalStringCollection(missing);
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject(NAME);
    reranking.toXContent(builder);
    builder.field(QUERY_WEIGHT.getPreferredName(), weights.query());
    builder.field(RESCORE_QUERY_WEIGHT.getPreferredName(), weights.rescoreQuery());
    builder.field(SCORE_MODE.getPreferredName(), weights.mode().name().toLowerCase(Locale.ROOT));
    builder.endObject();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof CrossEncoderRescorerBuilder builder
        && reranking.equals(builder.reranking)
        && weights.equals(builder.weights);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), reranking, weights);
  }
}
