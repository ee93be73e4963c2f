package org.semlux.plugin.model;

import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.refresh.RefreshRequest;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.delete.DeleteRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.support.IndicesOptions;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;

/** Finds stored parts by a query, and deletes what it finds. */
final class PartSearch {
  private final Client client;

  /**
   * @param client whose user may read and write the {@link ModelsIndex}
   */
  PartSearch(Client client) {
    this.client = client;
  }

  /** Refreshes and searches; an index that is not there yet has no hits. */
  void search(SearchSourceBuilder source, ActionListener<SearchResponse> listener) {
    RefreshRequest refresh = new RefreshRequest(ModelsIndex.NAME);
    refresh.indicesOptions(IndicesOptions.LENIENT_EXPAND_OPEN_HIDDEN);
    SearchRequest request =
        new SearchRequest(ModelsIndex.NAME)
            .indicesOptions(IndicesOptions.LENIENT_EXPAND_OPEN_HIDDEN)
            .allowPartialSearchResults(false)
            .source(source.size(ModelManifest.MAX_PARTS).fetchSource(false).trackTotalHits(false));
    client
        .admin()
        .indices()
        .refresh(refresh, listener.delegateFailureAndWrap((l, done) -> client.search(request, l)));
  }

  static Stream<SearchHit> hits(SearchResponse response) {
    return StreamSupport.stream(response.getHits().spliterator(), false);
  }

  /**
   * Deletes what a query finds, by search and bulk: a node may lack delete-by-query.
   *
   * @param allowed called before anything is deleted, each time; throws where nothing more may be
   */
  void delete(QueryBuilder query, Runnable allowed, ActionListener<Void> listener) {
    search(
        new SearchSourceBuilder().query(query),
        listener.delegateFailureAndWrap(
            (l, response) -> {
              BulkRequest bulk = new BulkRequest();
              hits(response)
                  .forEach(hit -> bulk.add(new DeleteRequest(ModelsIndex.NAME, hit.getId())));
              if (bulk.numberOfActions() == 0) {
                l.onResponse(null);
                return;
              }
              allowed.run();
              client.bulk(
                  bulk,
                  l.delegateFailureAndWrap(
                      (rest, answer) -> {
                        failOnFailures(answer);
                        // A page may be full: until nothing is left.
                        delete(query, allowed, rest);
                      }));
            }));
  }

  private static void failOnFailures(BulkResponse answer) {
    if (answer.hasFailures()) {
      throw new IllegalStateException(
          "parts could not be deleted: " + answer.buildFailureMessage());
    }
  }
}
