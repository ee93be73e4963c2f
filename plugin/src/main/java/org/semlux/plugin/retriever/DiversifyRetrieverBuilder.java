package org.semlux.plugin.retriever;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.lucene.search.ScoreDoc;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.StoredFieldsContext;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.model.WholeNumber;
import org.semlux.plugin.rescore.Reranking;

/**
 * {@code "retriever":{"semlux_diversify":{"retriever":…,"field":…,"lambda":0.5}}}: the best {@code
 * rank_window_size} hits of another retriever, spread out by {@link Diversity}. No model is asked:
 * likeness is that of the vectors that the index holds, a document's being the mean of its chunks'.
 *
 * <p>{@code field} is a {@code semlux_text} field, or one that holds a vector or passages with
 * vectors. A document without vectors is like no other.
 */
public final class DiversifyRetrieverBuilder
    extends CompoundRetrieverBuilder<DiversifyRetrieverBuilder> {
  public static final String NAME = "semlux_diversify";

  static final int DEFAULT_WINDOW = 50;

  /** Likeness is looked at pair by pair. */
  static final int MAX_WINDOW = 1_000;

  private static final double DEFAULT_LAMBDA = 0.5;

  private static final ParseField RETRIEVER = new ParseField("retriever");
  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField LAMBDA = new ParseField("lambda");
  private static final ConstructingObjectParser<DiversifyRetrieverBuilder, RetrieverParserContext>
      PARSER = new ConstructingObjectParser<>(NAME, false, DiversifyRetrieverBuilder::fromParsed);

  static {
    PARSER.declareObject(constructorArg(), RetrieverBuilder::parseInnerRetrieverBuilder, RETRIEVER);
    PARSER.declareString(constructorArg(), FIELD);
    PARSER.declareDouble(optionalConstructorArg(), LAMBDA);
    WholeNumber.declareInt(PARSER, optionalConstructorArg(), RANK_WINDOW_SIZE_FIELD);
    RetrieverBuilder.declareBaseParserFields(PARSER);
  }

  /** A place in the window, with what its hit came with. */
  private static final class Found extends RankDoc {
    private final Supplier<MeanVector> vector;
    private final Optional<Passage> passage;

    /**
     * @param vector throws where the hit held something else
     */
    Found(int doc, float score, int shard, Supplier<MeanVector> vector, Optional<Passage> passage) {
      super(doc, score, shard);
      this.vector = vector;
      this.passage = passage;
    }
  }

  private final String field;
  private final Diversity diversity;

  /**
   * @throws IllegalArgumentException when the window is empty or too large
   */
  DiversifyRetrieverBuilder(
      RetrieverSource inner, String field, Diversity diversity, int rankWindowSize) {
    super(new ArrayList<>(List.of(inner)), rankWindowSize);
    this.field = field;
    this.diversity = diversity;
    Reranking.checkWindow(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize, MAX_WINDOW);
  }

  static RetrieverSpec<DiversifyRetrieverBuilder> spec() {
    return new RetrieverSpec<>(NAME, (body, context) -> Retrievers.parsed(PARSER, body, context));
  }

  private static DiversifyRetrieverBuilder fromParsed(Object[] values) {
    return new DiversifyRetrieverBuilder(
        RetrieverSource.from((RetrieverBuilder) values[0]),
        (String) values[1],
        new Diversity(values[2] == null ? DEFAULT_LAMBDA : (Double) values[2]),
        values[3] == null ? DEFAULT_WINDOW : (Integer) values[3]);
  }

  /** Of a hit the vectors alone are read. */
  @Override
  protected SearchSourceBuilder finalizeSourceBuilder(SearchSourceBuilder source) {
    String[] vectors = {field, TextFields.STORED_CHUNKS};
    return source
        .storedFields((StoredFieldsContext) null)
        .fetchSource(FetchSourceContext.of(true, false, vectors, null));
  }

  @Override
  protected RankDoc createRankDocFromHit(int doc, SearchHit hit, int shardRequestIndex) {
    return new Found(doc, hit.getScore(), shardRequestIndex, vector(hit), Passage.of(hit));
  }

  /** Nobody would answer a search for what is thrown before all hits are together. */
  private Supplier<MeanVector> vector(SearchHit hit) {
    try {
      Map<String, Object> source = hit.getSourceAsMap();
      List<Object> vectors = source == null ? List.of() : TextFields.vectors(source, field);
      MeanVector mean = MeanVector.of(vectors);
      return () -> mean;
    } catch (RuntimeException e) {
      String id = hit.getId();
      return () -> {
        throw new IllegalArgumentException(
            "document [%s] has no vectors in field [%s]: %s".formatted(id, field, e.getMessage()),
            e);
      };
    }
  }

  @Override
  protected RankDoc[] combineInnerRetrieverResults(List<ScoreDoc[]> lists, boolean explain) {
    Found[] window = Arrays.stream(lists.get(0)).map(Found.class::cast).toArray(Found[]::new);
    float[] scores = new float[window.length];
    List<MeanVector> vectors = new ArrayList<>();
    for (int i = 0; i < window.length; i++) {
      scores[i] = window[i].score;
      vectors.add(window[i].vector.get());
    }
    RankDoc[] spread =
        Arrays.stream(diversity.order(scores, vectors))
            .map(choice -> doc(window[choice.index()], choice))
            .toArray(RankDoc[]::new);
    Ranking.number(spread);
    return spread;
  }

  /** Lucene takes no negative scores: all values are above -1. */
  private RankDoc doc(Found from, Diversity.Choice choice) {
    float value = (float) choice.value();
    String read =
        "relevance times [%s] less the rest of 1 times likeness to better hits by [%s]"
            .formatted(diversity.lambda(), field);
    return new RerankedDoc(
        from.doc,
        from.shardIndex,
        1 + value,
        new RerankedDoc.Origin(read, choice.index() + 1, Optional.of(value), from.passage));
  }

  @Override
  protected DiversifyRetrieverBuilder clone(
      List<RetrieverSource> children, List<QueryBuilder> preFilters) {
    var copy = new DiversifyRetrieverBuilder(children.get(0), field, diversity, rankWindowSize);
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
    builder.field(RETRIEVER.getPreferredName(), innerRetrievers.get(0).retriever());
    builder.field(FIELD.getPreferredName(), field);
    builder.field(LAMBDA.getPreferredName(), diversity.lambda());
    builder.field(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize);
  }

  @Override
  public boolean doEquals(Object other) {
    DiversifyRetrieverBuilder that = (DiversifyRetrieverBuilder) other;
    return super.doEquals(other) && field.equals(that.field) && diversity.equals(that.diversity);
  }

  @Override
  public int doHashCode() {
    return Objects.hash(super.doHashCode(), field, diversity);
  }
}
