package org.semlux.plugin.search;

import java.util.List;
import java.util.Optional;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.rescore.RescorerBuilder;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;

/** How much of what takes long a single search may ask for. */
final class SearchBounds {
  /** Passes of a cross-encoder over windows of their own, by retrievers or by rescorers. */
  static final int MAX_PASSES = 10;

  /** Retrievers within each other: Elasticsearch's bound on rewriting is a little above. */
  static final int MAX_DEPTH = 6;

  /** Elasticsearch's own bound on the candidates of a search by vectors. */
  private static final long MAX_WINDOW = 10_000;

  /** As many hits as a search gives that does not say how many. */
  static final int DEFAULT_SIZE = 10;

  private static final String OURS = "semlux_";
  private static final String RERANK = "semlux_rerank";
  private static final String RESCORE = "semlux_cross_encoder";

  private SearchBounds() {}

  /** A sentence that names the bound where a search goes beyond one. */
  static Optional<String> excess(@Nullable SearchSourceBuilder source) {
    if (source == null) {
      return Optional.empty();
    }
    RetrieverBuilder retriever = source.retriever();
    int depth = retriever == null ? 0 : depth(retriever);
    if (depth > MAX_DEPTH) {
      return Optional.of(
          "the search holds retrievers %s deep, and at most %s may be within each other"
              .formatted(depth, MAX_DEPTH));
    }
    long passes = retriever == null ? 0 : passes(retriever);
    if (source.rescores() != null) {
      passes += source.rescores().stream().filter(SearchBounds::isOurs).count();
    }
    return passes <= MAX_PASSES
        ? Optional.empty()
        : Optional.of(
            "the search asks for %s passes of a cross-encoder by [%s] and [%s], at most %s are allowed"
                .formatted(passes, RERANK, RESCORE, MAX_PASSES));
  }

  /**
   * How many hits of a query any part of a search looks at: its pages up to the one that is asked
   * for, or the largest window of a retriever or a rescorer; at least as many as by default, since
   * a search without hits may count them.
   */
  static int window(@Nullable SearchSourceBuilder source) {
    if (source == null) {
      return DEFAULT_SIZE;
    }
    long size = source.size() < 0 ? DEFAULT_SIZE : source.size();
    long window = Math.max(DEFAULT_SIZE, size + Math.max(0, source.from()));
    if (source.retriever() != null) {
      window = Math.max(window, window(source.retriever()));
    }
    if (source.rescores() != null) {
      for (RescorerBuilder<?> rescorer : source.rescores()) {
        window = Math.max(window, rescorer.windowSize() == null ? 0 : rescorer.windowSize());
      }
    }
    return (int) Math.min(window, MAX_WINDOW);
  }

  private static int window(RetrieverBuilder retriever) {
    int own =
        retriever instanceof CompoundRetrieverBuilder<?> compound ? compound.rankWindowSize() : 0;
    return inner(retriever).stream().mapToInt(SearchBounds::window).reduce(own, Math::max);
  }

  /** Whether any retriever of a search is ours. */
  static boolean ranks(@Nullable SearchSourceBuilder source) {
    return source != null && source.retriever() != null && depth(source.retriever()) > 0;
  }

  private static boolean isOurs(RescorerBuilder<?> rescorer) {
    return rescorer.getWriteableName().equals(RESCORE);
  }

  /** Compound retrievers from the outermost of ours to the innermost; 0 where none is ours. */
  private static int depth(RetrieverBuilder retriever) {
    int inner = inner(retriever).stream().mapToInt(SearchBounds::depth).max().orElse(0);
    boolean counts = retriever.getName().startsWith(OURS) || inner > 0;
    return counts ? inner + 1 : 0;
  }

  private static long passes(RetrieverBuilder retriever) {
    long own = retriever.getName().equals(RERANK) ? 1 : 0;
    return own + inner(retriever).stream().mapToLong(SearchBounds::passes).sum();
  }

  private static List<RetrieverBuilder> inner(RetrieverBuilder retriever) {
    return retriever instanceof CompoundRetrieverBuilder<?> compound
        ? compound.innerRetrievers().stream()
            .map(CompoundRetrieverBuilder.RetrieverSource::retriever)
            .toList()
        : List.of();
  }
}
