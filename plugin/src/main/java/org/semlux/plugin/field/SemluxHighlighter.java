package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.search.highlight.Encoder;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.MappedFieldType;
import org.elasticsearch.search.fetch.subphase.highlight.FieldHighlightContext;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightField;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightUtils;
import org.elasticsearch.search.fetch.subphase.highlight.Highlighter;
import org.elasticsearch.search.fetch.subphase.highlight.SearchHighlightContext.FieldOptions;
import org.elasticsearch.xcontent.Text;

/**
 * The best chunks of a {@code semlux_text} field for the {@code semlux} queries of a search, by the
 * vectors that the index holds: no model is asked. With {@code "order":"score"} the best first,
 * else in the order of the text; {@code "number_of_fragments":0} gives all.
 */
public final class SemluxHighlighter implements Highlighter {
  public static final String NAME = "semlux";

  /** An option: a chunk whose text the source no longer holds is an empty fragment, not none. */
  static final String TELLS_LOST = "tells_lost";

  private record Fragment(StoredChunks.Chunk chunk, float score) {}

  @Override
  public boolean canHighlight(MappedFieldType type) {
    return type instanceof SemluxTextFieldType;
  }

  @Override
  @Nullable public HighlightField highlight(FieldHighlightContext context) throws IOException {
    if (!(context.fieldType instanceof SemluxTextFieldType type)) {
      throw new IllegalArgumentException(
          "field [%s] must be of type [semlux_text], not [%s], for a highlighter of type [semlux]"
              .formatted(context.fieldName, context.fieldType.typeName()));
    }
    List<Query> scores = chunkScores(context.query, type.name());
    if (scores.isEmpty()) {
      return null;
    }
    LeafReaderContext leaf = context.hitContext.readerContext();
    StoredChunks stored = new StoredChunks(leaf, type.chunks());
    List<StoredChunks.Chunk> chunks = stored.of(context.hitContext.docId());
    List<Fragment> fragments = new ArrayList<>();
    List<Weight> weights = weights(context, scores);
    for (StoredChunks.Chunk chunk : chunks) {
      float best = Float.NEGATIVE_INFINITY;
      for (Weight weight : weights) {
        Scorer scorer = weight.scorer(leaf);
        if (scorer != null && scorer.iterator().advance(chunk.doc()) == chunk.doc()) {
          best = Math.max(best, scorer.score());
        }
      }
      if (best > Float.NEGATIVE_INFINITY) {
        fragments.add(new Fragment(chunk, best));
      }
    }
    FieldOptions options = context.field.fieldOptions();
    List<Fragment> chosen = chosen(fragments, options);
    List<String> texts =
        stored.texts(
            context.hitContext.docId(),
            context.hitContext.source().source(),
            type.sources(context.context.getSearchExecutionContext()));
    boolean tellsLost = options.options() != null && options.options().containsKey(TELLS_LOST);
    Text[] found =
        chosen.stream()
            .map(fragment -> ChunkFetcher.text(texts, fragment.chunk()))
            .filter(text -> tellsLost || !text.isEmpty())
            .map(text -> new Text(encoder(options).encodeText(text)))
            .toArray(Text[]::new);
    return found.length == 0 ? null : new HighlightField(context.fieldName, found);
  }

  /** What a search's {@code encoder} makes of texts that it shows. */
  public static Encoder encoder(FieldOptions options) {
    return "html".equals(options.encoder())
        ? HighlightUtils.Encoders.HTML
        : HighlightUtils.Encoders.DEFAULT;
  }

  private static List<Fragment> chosen(List<Fragment> fragments, FieldOptions options) {
    List<Fragment> best = new ArrayList<>(fragments);
    best.sort(Comparator.comparingDouble(Fragment::score).reversed());
    int count = options.numberOfFragments();
    List<Fragment> chosen = count > 0 && count < best.size() ? best.subList(0, count) : best;
    if (!Boolean.TRUE.equals(options.scoreOrdered())) {
      chosen.sort(
          Comparator.comparingInt((Fragment fragment) -> fragment.chunk().value())
              .thenComparingInt(fragment -> fragment.chunk().start()));
    }
    return chosen;
  }

  /** How the query's parts for a field score its chunks; not those that must not match. */
  private static List<Query> chunkScores(Query query, String field) {
    List<Query> found = new ArrayList<>();
    query.visit(
        new QueryVisitor() {
          @Override
          public void visitLeaf(Query leaf) {
            if (leaf instanceof ChunkQuery chunks && chunks.field().equals(field)) {
              found.add(chunks.chunkScores());
            }
          }

          @Override
          public QueryVisitor getSubVisitor(Occur occur, Query parent) {
            return occur == Occur.MUST_NOT ? EMPTY_VISITOR : this;
          }
        });
    return found;
  }

  @SuppressWarnings("unchecked") // nobody else uses this key
  private static List<Weight> weights(FieldHighlightContext context, List<Query> scores)
      throws IOException {
    String key = NAME + " " + context.fieldName;
    List<Weight> known = (List<Weight>) context.cache.get(key);
    if (known == null) {
      known = new ArrayList<>();
      IndexSearcher searcher = context.context.searcher();
      for (Query one : scores) {
        known.add(searcher.createWeight(searcher.rewrite(one), ScoreMode.COMPLETE, 1));
      }
      context.cache.put(key, known);
    }
    return known;
  }
}
