package org.semlux.plugin.retriever;

import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.plugins.SearchPlugin.RetrieverSpec;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.fetch.StoredFieldsContext;
import org.elasticsearch.search.fetch.subphase.FetchSourceContext;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverParserContext;
import org.elasticsearch.search.sort.ScoreSortBuilder;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.RemoteClusterAware;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.model.WholeNumber;
import org.semlux.plugin.rescore.MappedFields;
import org.semlux.plugin.rescore.Reranking;
import org.semlux.plugin.search.RunningSearch;

/**
 * {@code "retriever":{"semlux_diversify":{"retriever":…,"field":…,"lambda":0.5}}}: the best {@code
 * rank_window_size} hits of another retriever, spread out by {@link Diversity}. No model is asked:
 * likeness is that of the vectors that the index holds, a document's being the mean of its chunks'.
 *
 * <p>{@code field} is a {@code semlux_text} field, or one that holds a vector or passages with
 * vectors. A document without vectors is like no other.
 */
public final class DiversifyRetrieverBuilder
    extends WindowRetrieverBuilder<DiversifyRetrieverBuilder> {
  public static final String NAME = "semlux_diversify";

  static final int DEFAULT_WINDOW = 50;

  /** Likeness is looked at pair by pair. */
  static final int MAX_WINDOW = 1_000;

  private static final double DEFAULT_LAMBDA = 0.5;

  private static final ParseField RETRIEVER = new ParseField("retriever");
  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField LAMBDA = new ParseField("lambda");

  private final TextFields textFields;
  private final String field;
  private final Diversity diversity;

  /**
   * @param textFields this node's; not part of the builder's identity
   * @throws IllegalArgumentException when the window is empty or too large
   */
  DiversifyRetrieverBuilder(
      TextFields textFields,
      RetrieverSource inner,
      String field,
      Diversity diversity,
      int rankWindowSize) {
    super(inner, rankWindowSize);
    this.textFields = textFields;
    this.field = field;
    this.diversity = diversity;
    Reranking.checkWindow(RANK_WINDOW_SIZE_FIELD.getPreferredName(), rankWindowSize, MAX_WINDOW);
  }

  static RetrieverSpec<DiversifyRetrieverBuilder> spec(TextFields textFields) {
    var parser =
        new ConstructingObjectParser<DiversifyRetrieverBuilder, RetrieverParserContext>(
            NAME, false, values -> fromParsed(values, textFields));
    parser.declareObject(constructorArg(), RetrieverBuilder::parseInnerRetrieverBuilder, RETRIEVER);
    parser.declareString(constructorArg(), FIELD);
    parser.declareDouble(optionalConstructorArg(), LAMBDA);
    WholeNumber.declareInt(parser, optionalConstructorArg(), RANK_WINDOW_SIZE_FIELD);
    RetrieverBuilder.declareBaseParserFields(parser);
    return new RetrieverSpec<>(NAME, (body, context) -> Retrievers.parsed(parser, body, context));
  }

  private static DiversifyRetrieverBuilder fromParsed(Object[] values, TextFields textFields) {
    return new DiversifyRetrieverBuilder(
        textFields,
        RetrieverSource.from((RetrieverBuilder) values[0]),
        (String) values[1],
        new Diversity(values[2] == null ? DEFAULT_LAMBDA : (Double) values[2]),
        values[3] == null ? DEFAULT_WINDOW : (Integer) values[3]);
  }

  /**
   * Of a hit the vectors alone are read.
   *
   * @throws IllegalArgumentException when hits are sorted in a way that gives them no scores
   */
  @Override
  protected SearchSourceBuilder finalizeSourceBuilder(SearchSourceBuilder source) {
    if (source.sorts().stream().noneMatch(sort -> sort instanceof ScoreSortBuilder)) {
      throw new IllegalArgumentException(
          "[semlux_diversify] weighs relevance, and its [retriever] sorts by fields alone: take its [sort] out, or add [_score] to it");
    }
    String[] vectors = {field, TextFields.STORED_CHUNKS};
    return source
        .storedFields((StoredFieldsContext) null)
        .fetchSource(FetchSourceContext.of(true, false, vectors, null));
  }

  /** Likeness of a large window takes a good part of a second: no thread of the network does it. */
  @Override
  void rank(
      Client client,
      ResolvedIndices indices,
      SearchResponse window,
      RankDoc[] places,
      ActionListener<RankDoc[]> listener) {
    // Read here: the thread that works is told nothing of it.
    Optional<RunningSearch> search = RunningSearch.of(client.threadPool().getThreadContext());
    Runnable look = () -> search.ifPresent(running -> running.task().ensureNotCancelled());
    window.mustIncRef();
    client
        .threadPool()
        .executor(ThreadPool.Names.SEARCH)
        .execute(
            ActionRunnable.wrap(
                ActionListener.runAfter(listener, window::decRef),
                l -> {
                  SearchHit[] hits = window.getHits().getHits();
                  List<MeanVector> vectors = Arrays.stream(hits).map(this::vector).toList();
                  RankDoc[] docs = spread(hits, vectors, places, look);
                  if (vectors.stream().allMatch(MeanVector::isEmpty)) {
                    requireMapped(client, indices, l.map(mapped -> docs));
                  } else {
                    l.onResponse(docs);
                  }
                }));
  }

  /** Where no hit has a vector, there may be no such field. */
  private void requireMapped(
      Client client, ResolvedIndices indices, ActionListener<Boolean> listener) {
    MappedFields.isMapped(
        client,
        indices,
        field,
        listener.map(
            mapped -> {
              if (!mapped) {
                throw MappedFields.refused(field);
              }
              return mapped;
            }));
  }

  private RankDoc[] spread(
      SearchHit[] hits, List<MeanVector> vectors, RankDoc[] places, Runnable look) {
    float[] scores = new float[hits.length];
    for (int i = 0; i < hits.length; i++) {
      scores[i] = hits[i].getScore();
    }
    RankDoc[] spread =
        Arrays.stream(diversity.order(scores, vectors, look))
            .map(choice -> doc(places[choice.index()], hits[choice.index()], choice))
            .toArray(RankDoc[]::new);
    Ranking.number(spread);
    return spread;
  }

  private MeanVector vector(SearchHit hit) {
    Map<String, Object> source = hit.getSourceAsMap();
    if (source == null) {
      return MeanVector.of(List.of());
    }
    String index = RemoteClusterAware.buildRemoteIndexName(hit.getClusterAlias(), hit.getIndex());
    try {
      return MeanVector.of(textFields.vectors(index, source, field));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "document [%s] has no vectors in field [%s]: %s"
              .formatted(hit.getId(), field, e.getMessage()),
          e);
    }
  }

  /** Lucene takes no negative scores: all values are above -1. */
  private RankDoc doc(RankDoc from, SearchHit hit, Diversity.Choice choice) {
    float value = (float) choice.value();
    String read =
        "relevance times [%s] less the rest of 1 times likeness to better hits by [%s]"
            .formatted(diversity.lambda(), field);
    return new RerankedDoc(
        from.doc,
        from.shardIndex,
        1 + value,
        new RerankedDoc.Origin(read, choice.index() + 1, Optional.of(value), Passage.of(hit)));
  }

  @Override
  protected DiversifyRetrieverBuilder clone(
      List<RetrieverSource> children, List<QueryBuilder> preFilters) {
    var copy =
        new DiversifyRetrieverBuilder(
            textFields, children.get(0), field, diversity, rankWindowSize);
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
    builder.field(RETRIEVER.getPreferredName(), inner());
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
