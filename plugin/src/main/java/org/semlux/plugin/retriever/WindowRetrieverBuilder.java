package org.semlux.plugin.retriever;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.SetOnce;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.query.QueryRewriteContext;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder;
import org.elasticsearch.search.retriever.RankDocsRetrieverBuilder;
import org.elasticsearch.search.retriever.RetrieverBuilder;
import org.elasticsearch.search.sort.ShardDocSortField;
import org.semlux.plugin.search.RunningSearch;

/**
 * Puts another retriever's best {@code rank_window_size} hits, over all shards, into another order.
 *
 * <p>The node that is asked searches for the window, orders it while no thread waits, and puts the
 * ranked documents into the search that follows. The inner search runs as the user does, with the
 * user's own privileges.
 */
abstract class WindowRetrieverBuilder<T extends WindowRetrieverBuilder<T>>
    extends CompoundRetrieverBuilder<T> {
  WindowRetrieverBuilder(RetrieverSource inner, int rankWindowSize) {
    super(new ArrayList<>(List.of(inner)), rankWindowSize);
  }

  /**
   * Orders a window; returns at once.
   *
   * @param window whose hits are {@code places}, in their order; the caller's after the return,
   *     unless another reference is taken
   * @param listener gets the documents, best first
   */
  abstract void rank(
      Client client,
      ResolvedIndices indices,
      SearchResponse window,
      RankDoc[] places,
      ActionListener<RankDoc[]> listener);

  /** What scores must reach in the search that follows; null where all hits count. */
  @Nullable Float least() {
    return minScore;
  }

  final RetrieverBuilder inner() {
    return innerRetrievers.get(0).retriever();
  }

  /**
   * Takes over where the inner retriever is rewritten and the search for its window is ready: the
   * class above would run that search and offer no step after it that may wait.
   */
  @Override
  @SuppressWarnings("ReferenceEquality") // the same object says that nothing is left to rewrite
  protected final RetrieverBuilder doRewrite(QueryRewriteContext context) {
    RetrieverSource inner = innerRetrievers.get(0);
    if (inner.source() == null) {
      return this;
    }
    SearchSourceBuilder source = rewrite(inner.source(), context);
    if (source != inner.source()) {
      return clone(List.of(new RetrieverSource(inner.retriever(), source)), preFilterQueryBuilders);
    }
    SetOnce<RankDoc[]> ranked = new SetOnce<>();
    boolean partial = context.allowPartialSearchResults();
    ResolvedIndices indices = context.getResolvedIndices();
    context.registerAsyncAction(
        (client, listener) ->
            search(
                client,
                indices,
                new SearchRequest().source(source).allowPartialSearchResults(partial),
                RunningSearch.goingOn(client.threadPool().getThreadContext(), listener)
                    .map(
                        docs -> {
                          ranked.set(docs);
                          return null;
                        })));
    var docs =
        new RankDocsRetrieverBuilder(
            rankWindowSize, List.of(inner.retriever()), ranked::get, least());
    docs.retrieverName(retrieverName());
    return docs;
  }

  private static SearchSourceBuilder rewrite(
      SearchSourceBuilder source, QueryRewriteContext context) {
    try {
      return source.rewrite(context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void search(
      Client client,
      ResolvedIndices indices,
      SearchRequest request,
      ActionListener<RankDoc[]> listener) {
    // As compound retrievers do: the number of a shard must be the same in the search that follows.
    request.setPreFilterShardSize(Integer.MAX_VALUE);
    client.search(
        request,
        listener.delegateFailureAndWrap(
            (ranked, window) -> {
              RankDoc[] places = places(window.getHits().getHits());
              inner().setRankDocs(places);
              rank(client, indices, window, places, ranked);
            }));
  }

  /** The places of hits before they are ranked, as compound retrievers read them. */
  static RankDoc[] places(SearchHit[] hits) {
    RankDoc[] places = new RankDoc[hits.length];
    for (int i = 0; i < hits.length; i++) {
      Object[] sort = hits[i].getRawSortValues();
      long place = (long) sort[sort.length - 1];
      places[i] =
          new RankDoc(
              ShardDocSortField.decodeDoc(place),
              hits[i].getScore(),
              ShardDocSortField.decodeShardRequestIndex(place));
      places[i].rank = i + 1;
    }
    return places;
  }

  /** Never asked: the ranking is made above. */
  @Override
  protected final RankDoc[] combineInnerRetrieverResults(
      List<ScoreDoc[]> results, boolean explain) {
    throw new IllegalStateException("[" + getName() + "] runs its window itself");
  }
}
