package org.semlux.plugin.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.rescore.RescorerBuilder;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder;
import org.elasticsearch.search.retriever.RescorerRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.xcontent.ToXContent;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentType;

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
  private static final String RESCORERS = SearchSourceBuilder.RESCORE_FIELD.getPreferredName();
  private static final String WINDOW = RescorerBuilder.WINDOW_SIZE_FIELD.getPreferredName();

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
    for (Map<?, ?> rescorer : rescorers(retriever)) {
      if (rescorer.get(WINDOW) instanceof Number size) {
        own = Math.max(own, size.intValue());
      }
    }
    return inner(retriever).stream().mapToInt(SearchBounds::window).reduce(own, Math::max);
  }

  /**
   * Those of a {@code rescorer} retriever, as users write them: it tells no more than their
   * smallest window, and a shard looks at as many hits as the largest has.
   */
  private static List<Map<?, ?>> rescorers(RetrieverBuilder retriever) {
    if (!(retriever instanceof RescorerRetrieverBuilder)) {
      return List.of();
    }
    String name = retriever.getName();
    try (XContentBuilder json =
        XContentBuilder.builder(XContentType.JSON, Set.of(), Set.of(name + ".retriever"))) {
      retriever.toXContent(json, ToXContent.EMPTY_PARAMS);
      Map<String, Object> written =
          XContentHelper.convertToMap(BytesReference.bytes(json), false, XContentType.JSON).v2();
      Map<?, ?> options = (Map<?, ?>) written.get(name);
      return ((List<?>) options.get(RESCORERS))
          .stream().<Map<?, ?>>map(rescorer -> (Map<?, ?>) rescorer).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    own += rescorers(retriever).stream().filter(rescorer -> rescorer.containsKey(RESCORE)).count();
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
