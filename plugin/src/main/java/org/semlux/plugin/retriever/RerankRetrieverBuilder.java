package org.semlux.plugin.retriever;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.StoredFieldsContext;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Excerpt;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.model.WholeNumber;
import org.semlux.plugin.rescore.MappedFields;
import org.semlux.plugin.rescore.Reranking;

/**
 * {@code "retriever":{"semlux_rerank":{"retriever":…,"model_id":…,"field":…,"query":…}}}: the best
 * {@code rank_window_size} hits of another retriever, over all shards, in the order of a
 * cross-encoder, or of a multi-vector model, which takes the vectors of tokens that documents keep
 * in {@code vectors_field}.
 *
 * <p>The window comes together with its fields' texts, and all pairs are scored at once. Scoring
 * needs no privileges.
 *
 * <p>{@code min_score} and {@code scores} mean the model's own score: {@code activated} (the
 * default) after its last activation, {@code raw} before. A hit's {@code _score} is that score,
 * unless it could be negative, which Lucene does not take: then it is e<sup>x</sup> below 0 and 1 +
 * x from there on; the explanation tells the model's.
 */
public final class RerankRetrieverBuilder extends WindowRetrieverBuilder<RerankRetrieverBuilder> {
  public static final String NAME = "semlux_rerank";

  static final int DEFAULT_WINDOW = 50;

  private static final ParseField RETRIEVER = new ParseField("retriever");
  private static final ParseField SCORES = new ParseField("scores");
  private static final ParseField CHUNKS = new ParseField("chunks");
  private static final int MAX_CHUNKS = 100;

  private final EncoderSource encoders;
  private final Reranking reranking;
  private final boolean raw;
  private final TextFields textFields;
  @Nullable private final Integer chunks;

  /**
   * @param encoders this node's; not part of the builder's identity
   * @param textFields this node's; not part of the builder's identity
   * @param chunks of a {@code semlux_text} field so many are read, the best ones for the query;
   *     null for the whole text
   * @throws IllegalArgumentException when the window is empty or too large
   */
  RerankRetrieverBuilder(
      EncoderSource encoders,
      RetrieverSource inner,
      Reranking reranking,
      int rankWindowSize,
      boolean raw,
      TextFields textFields,
      @Nullable Integer chunks) {
    super(inner, Reranking.checkWindow(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize));
    this.encoders = encoders;
    this.reranking = reranking;
    this.raw = raw;
    this.textFields = textFields;
    this.chunks = chunks;
    if (chunks != null && (chunks < 1 || chunks > MAX_CHUNKS)) {
      throw new IllegalArgumentException(
          "[chunks] must be 1 to %s, not %s".formatted(MAX_CHUNKS, chunks));
    }
    if (chunks != null && reranking.fields().size() != 1) {
      throw new IllegalArgumentException(
          "[chunks] are those of one [field], not of %s".formatted(reranking.fields()));
    }
    if (chunks != null && reranking.vectorsField().isPresent()) {
      throw new IllegalArgumentException("[chunks] are read as texts: leave [vectors_field] out");
    }
  }

  /** How a node reads this retriever, with its own encoders. */
  public static RetrieverSpec<RerankRetrieverBuilder> spec(
      EncoderSource encoders, TextFields textFields) {
    var parser =
        new ConstructingObjectParser<RerankRetrieverBuilder, RetrieverParserContext>(
            NAME, false, values -> fromParsed(values, encoders, textFields));
    Reranking.declare(parser);
    parser.declareObject(constructorArg(), RetrieverBuilder::parseInnerRetrieverBuilder, RETRIEVER);
    WholeNumber.declareInt(parser, optionalConstructorArg(), RANK_WINDOW_SIZE_FIELD);
    parser.declareString(optionalConstructorArg(), SCORES);
    WholeNumber.declareInt(parser, optionalConstructorArg(), CHUNKS);
    RetrieverBuilder.declareBaseParserFields(parser);
    return new RetrieverSpec<>(NAME, (body, context) -> Retrievers.parsed(parser, body, context));
  }

  private static RerankRetrieverBuilder fromParsed(
      Object[] values, EncoderSource encoders, TextFields textFields) {
    String scores = values[6] == null ? "activated" : (String) values[6];
    if (!List.of("activated", "raw").contains(scores)) {
      throw new IllegalArgumentException(
          "[scores] must be activated or raw, not [" + Excerpt.of(scores) + "]");
    }
    return new RerankRetrieverBuilder(
        encoders,
        RetrieverSource.from((RetrieverBuilder) values[4]),
        Reranking.fromParsed(values),
        values[5] == null ? DEFAULT_WINDOW : (Integer) values[5],
        scores.equals("raw"),
        textFields,
        (Integer) values[7]);
  }

  /** The window comes with its texts; of a hit nothing else is read. */
  @Override
  protected SearchSourceBuilder finalizeSourceBuilder(SearchSourceBuilder source) {
    if (chunks == null) {
      reranking.readFields().forEach(source::fetchField);
    } else {
      source.highlighter(textFields.best(reranking.field(), reranking.query(), chunks));
    }
    return source.storedFields((StoredFieldsContext) null).fetchSource(false);
  }

  /**
   * What is below min_score is gone already, by the model's score: the least of floats keeps the
   * rest, and tells that hits beyond the ranked ones do not count.
   */
  @Override
  @Nullable Float least() {
    return minScore == null ? null : Float.MIN_VALUE;
  }

  @Override
  void rank(
      Client client,
      ResolvedIndices indices,
      SearchResponse window,
      RankDoc[] places,
      ActionListener<RankDoc[]> listener) {
    SearchHit[] hits = window.getHits().getHits();
    var pass =
        new RerankPass(encoders, reranking, raw, Optional.ofNullable(minScore), chunks != null);
    List<String> doubtful = doubtful(hits);
    pass.rank(
        hits,
        places,
        client.threadPool().getThreadContext(),
        doubtful.isEmpty() ? listener : unlessMissing(client, indices, doubtful, listener));
  }

  /**
   * Fields without values in all hits, which may not exist, or with numbers, perhaps a vector's.
   */
  private List<String> doubtful(SearchHit[] hits) {
    return reranking.readFields().stream()
        .filter(
            field ->
                Arrays.stream(hits)
                    .flatMap(hit -> HitText.values(hit, field).stream())
                    .allMatch(value -> value instanceof Number))
        .toList();
  }

  /** A ranking by fields that can all be read. */
  private static ActionListener<RankDoc[]> unlessMissing(
      Client client,
      ResolvedIndices indices,
      List<String> fields,
      ActionListener<RankDoc[]> ranked) {
    return ranked.delegateFailureAndWrap(
        (known, docs) ->
            MappedFields.missing(
                client,
                indices,
                fields,
                known.delegateFailureAndWrap(
                    (last, missing) -> {
                      if (!missing.isEmpty()) {
                        throw MappedFields.refused(missing.iterator().next());
                      }
                      last.onResponse(docs);
                    })));
  }

  @Override
  protected RerankRetrieverBuilder clone(
      List<RetrieverSource> children, List<QueryBuilder> preFilters) {
    var copy =
        new RerankRetrieverBuilder(
            encoders, children.get(0), reranking, rankWindowSize, raw, textFields, chunks);
    copy.preFilterQueryBuilders = preFilters;
    copy.retrieverName = retrieverName;
    copy.minScore = minScore;
    return copy;
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public void doToXContent(XContentBuilder builder, Params params) throws IOException {
    reranking.toXContent(builder);
    builder.field(RETRIEVER.getPreferredName(), inner());
    builder.field(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize);
    builder.field(SCORES.getPreferredName(), raw ? "raw" : "activated");
    if (chunks != null) {
      builder.field(CHUNKS.getPreferredName(), chunks);
    }
  }

  @Override
  public boolean doEquals(Object other) {
    RerankRetrieverBuilder that = (RerankRetrieverBuilder) other;
    return super.doEquals(other)
        && reranking.equals(that.reranking)
        && raw == that.raw
        && Objects.equals(chunks, that.chunks);
  }

  @Override
  public int doHashCode() {
    return Objects.hash(super.doHashCode(), reranking, raw, chunks);
  }
}
