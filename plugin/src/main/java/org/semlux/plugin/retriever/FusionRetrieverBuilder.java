package org.semlux.plugin.retriever;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.lucene.search.ScoreDoc;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.Excerpt;
import org.semlux.plugin.model.WholeNumber;
import org.semlux.plugin.rescore.Reranking;

/**
 * {@code "retriever":{"semlux_fusion":{"retrievers":[…],"method":"rrf|linear"}}}: one list of the
 * best {@code rank_window_size} hits of each of several retrievers, of any kind.
 *
 * <p>A document's score is the sum of what each list adds, times the list's weight. Of equal sums
 * the document comes first that has the better rank in the first retriever, then in the second one,
 * and so on: no two documents are alike in all of them.
 */
public final class FusionRetrieverBuilder extends CompoundRetrieverBuilder<FusionRetrieverBuilder> {
  public static final String NAME = "semlux_fusion";

  static final int DEFAULT_WINDOW = 50;

  /** Elasticsearch's own bound on the hits of a search. */
  static final int MAX_WINDOW = 10_000;

  static final int MAX_RETRIEVERS = 16;

  private static final int DEFAULT_RANK_CONSTANT = 60;

  private static final ParseField RETRIEVERS = new ParseField("retrievers");
  private static final ParseField METHOD = new ParseField("method");
  private static final ParseField RANK_CONSTANT = new ParseField("rank_constant");
  private static final ParseField NORMALIZER = new ParseField("normalizer");
  private static final ParseField WEIGHTS = new ParseField("weights");
  private static final ConstructingObjectParser<FusionRetrieverBuilder, RetrieverParserContext>
      PARSER = new ConstructingObjectParser<>(NAME, false, FusionRetrieverBuilder::fromParsed);

  static {
    PARSER.declareObjectArray(
        constructorArg(), RetrieverBuilder::parseInnerRetrieverBuilder, RETRIEVERS);
    WholeNumber.declareInt(PARSER, optionalConstructorArg(), RANK_WINDOW_SIZE_FIELD);
    PARSER.declareString(optionalConstructorArg(), METHOD);
    WholeNumber.declareInt(PARSER, optionalConstructorArg(), RANK_CONSTANT);
    PARSER.declareString(optionalConstructorArg(), NORMALIZER);
    PARSER.declareFloatArray(optionalConstructorArg(), WEIGHTS);
    RetrieverBuilder.declareBaseParserFields(PARSER);
  }

  /** A place in a list, with the passage that its hit came with. */
  private static final class Found extends RankDoc {
    private final Optional<Passage> passage;

    Found(int doc, float score, int shardIndex, Optional<Passage> passage) {
      super(doc, score, shardIndex);
      this.passage = passage;
    }
  }

  private final Fusion fusion;
  private final List<Float> weights;

  /**
   * @param weights one for each retriever, 0 or more
   * @throws IllegalArgumentException when a bound is not kept
   */
  FusionRetrieverBuilder(
      List<RetrieverSource> inner, int rankWindowSize, Fusion fusion, List<Float> weights) {
    super(inner, rankWindowSize);
    this.fusion = fusion;
    this.weights = List.copyOf(weights);
    check();
  }

  private void check() {
    Reranking.checkWindow(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize, MAX_WINDOW);
    if (innerRetrievers.isEmpty() || innerRetrievers.size() > MAX_RETRIEVERS) {
      throw new IllegalArgumentException(
          "[retrievers] must be 1 to " + MAX_RETRIEVERS + ", not " + innerRetrievers.size());
    }
    if (weights.size() != innerRetrievers.size()
        || weights.stream().anyMatch(w -> !(w >= 0 && Float.isFinite(w)))) {
      throw new IllegalArgumentException(
          "[weights] must be one number of 0 or more for each of the "
              + innerRetrievers.size()
              + " retrievers, not "
              + weights);
    }
  }

  public static RetrieverSpec<FusionRetrieverBuilder> spec() {
    return new RetrieverSpec<>(NAME, (body, context) -> Retrievers.parsed(PARSER, body, context));
  }

  @SuppressWarnings("unchecked")
  private static FusionRetrieverBuilder fromParsed(Object[] values) {
    List<RetrieverBuilder> inner = (List<RetrieverBuilder>) values[0];
    return new FusionRetrieverBuilder(
        new ArrayList<>(inner.stream().map(RetrieverSource::from).toList()),
        values[1] == null ? DEFAULT_WINDOW : (Integer) values[1],
        fusion((String) values[2], (Integer) values[3], (String) values[4]),
        values[5] == null ? Collections.nCopies(inner.size(), 1f) : (List<Float>) values[5]);
  }

  private static Fusion fusion(String method, Integer rankConstant, String normalizer) {
    if (method == null || method.equals("rrf")) {
      if (normalizer != null) {
        throw new IllegalArgumentException(
            "[normalizer] is for method [linear]: [rrf] looks at no scores");
      }
      return new Fusion.ReciprocalRank(rankConstant == null ? DEFAULT_RANK_CONSTANT : rankConstant);
    }
    if (!method.equals("linear")) {
      throw new IllegalArgumentException(
          "[method] must be rrf or linear, not [" + Excerpt.of(method) + "]");
    }
    if (rankConstant != null) {
      throw new IllegalArgumentException(
          "[rank_constant] is for method [rrf]: [linear] looks at scores");
    }
    return new Fusion.Linear(
        normalizer == null ? Fusion.Normalizer.MINMAX : Fusion.Normalizer.of(normalizer));
  }

  /** Keeps the passage that an inner {@code semlux_rerank} found. */
  @Override
  protected RankDoc createRankDocFromHit(int doc, SearchHit hit, int shardRequestIndex) {
    return new Found(doc, hit.getScore(), shardRequestIndex, Passage.of(hit));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The superclass calls it, as it does for Elasticsearch's own retrievers, on the thread that
   * brings the last list, maybe one of the network's, and its rewriting is final: nothing can hand
   * this on. So it has to be cheap: 10 lists of 1,000 hits take 0.8 ms, 16 of 10,000, the most that
   * there may be, 40 ms (of a core of an otherwise busy machine).
   */
  @Override
  protected RankDoc[] combineInnerRetrieverResults(List<ScoreDoc[]> lists, boolean explain) {
    Map<RankDoc.RankKey, FusedDoc> docs = new LinkedHashMap<>();
    for (int i = 0; i < lists.size(); i++) {
      ScoreDoc[] list = lists.get(i);
      double[] parts = fusion.parts(list);
      for (int j = 0; j < list.length; j++) {
        ScoreDoc hit = list[j];
        var part = new FusedDoc.Part(j + 1, hit.score, (float) (weights.get(i) * parts[j]));
        docs.computeIfAbsent(
                new RankDoc.RankKey(hit.doc, hit.shardIndex),
                key -> new FusedDoc(hit.doc, hit.shardIndex, lists.size()))
            .add(i, part, hit instanceof Found found ? found.passage : Optional.empty());
      }
    }
    RankDoc[] best =
        docs.values().stream()
            .sorted(FusedDoc::compare)
            .limit(rankWindowSize)
            .toArray(RankDoc[]::new);
    Ranking.number(best);
    return best;
  }

  @Override
  protected FusionRetrieverBuilder clone(
      List<RetrieverSource> children, List<QueryBuilder> preFilters) {
    var copy = new FusionRetrieverBuilder(children, rankWindowSize, fusion, weights);
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
    builder.startArray(RETRIEVERS.getPreferredName());
    for (RetrieverSource inner : innerRetrievers) {
      inner.retriever().toXContent(builder, params);
    }
    builder.endArray();
    builder.field(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize);
    if (fusion instanceof Fusion.ReciprocalRank rrf) {
      builder.field(METHOD.getPreferredName(), "rrf");
      builder.field(RANK_CONSTANT.getPreferredName(), rrf.constant());
    } else if (fusion instanceof Fusion.Linear linear) {
      builder.field(METHOD.getPreferredName(), "linear");
      builder.field(NORMALIZER.getPreferredName(), linear.normalizer().label());
    }
    builder.field(WEIGHTS.getPreferredName(), weights);
  }

  @Override
  public boolean doEquals(Object other) {
    FusionRetrieverBuilder that = (FusionRetrieverBuilder) other;
    return super.doEquals(other) && fusion.equals(that.fusion) && weights.equals(that.weights);
  }

  @Override
  public int doHashCode() {
    return Objects.hash(super.doHashCode(), fusion, weights);
  }
}
