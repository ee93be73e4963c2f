package org.semlux.plugin.reencode;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.client.internal.ParentTaskAssigningClient;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.engine.VersionConflictEngineException;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;

/**
 * Sends documents through the pipeline and into their index. One that somebody else writes
 * meanwhile is left alone, as it went through a pipeline of its own. What a full queue refuses is
 * sent again, up to {@value #MAX_ATTEMPTS} times with growing pauses.
 */
final class BatchWrite {
  private static final TimeValue FIRST_PAUSE = TimeValue.timeValueMillis(200);
  private static final int MAX_ATTEMPTS = 10;

  private final ParentTaskAssigningClient client;
  @Nullable private final String pipeline;
  private final Tally tally;
  private final Pauses pauses;

  /**
   * @param pipeline null for none: documents are only written again
   */
  BatchWrite(
      ParentTaskAssigningClient client, @Nullable String pipeline, Tally tally, Pauses pauses) {
    this.client = client;
    this.pipeline = pipeline;
    this.tally = tally;
    this.pauses = pauses;
  }

  /**
   * @param listener is told when all are written or counted as failed
   */
  void write(List<SearchHit> documents, ActionListener<Void> listener) {
    send(documents, 0, listener);
  }

  private void send(List<SearchHit> documents, int attempt, ActionListener<Void> listener) {
    BulkRequest bulk = new BulkRequest();
    // A pipeline changes the request that it is given: what is sent again is made again.
    documents.forEach(document -> bulk.add(request(document)));
    client.bulk(
        bulk,
        listener.delegateFailureAndWrap(
            (l, answer) -> {
              List<SearchHit> refused = account(documents, answer, attempt);
              if (refused.isEmpty()) {
                l.onResponse(null);
              } else {
                long pause = FIRST_PAUSE.millis() << Math.min(attempt, 6); // at most 13 s
                pauses.after(pause, () -> send(refused, attempt + 1, l), l);
              }
            }));
  }

  @SuppressWarnings("deprecation") // a hit does not say what its source is written in
  private IndexRequest request(SearchHit hit) {
    BytesReference source = new BytesArray(BytesReference.toBytes(hit.getSourceRef()));
    return new IndexRequest(hit.getIndex())
        .id(hit.getId())
        .routing(DocumentChecks.routing(hit))
        .source(source, XContentHelper.xContentType(source))
        .setIfSeqNo(hit.getSeqNo())
        .setIfPrimaryTerm(hit.getPrimaryTerm())
        .setPipeline(pipeline == null ? IngestService.NOOP_PIPELINE_NAME : pipeline);
  }

  /** Counts what came of documents and returns those that are worth another try. */
  private List<SearchHit> account(List<SearchHit> documents, BulkResponse answer, int attempt) {
    List<SearchHit> refused = new ArrayList<>();
    for (BulkItemResponse item : answer.getItems()) {
      if (!item.isFailed()) {
        tally.updated();
        continue;
      }
      RestStatus status = item.getFailure().getStatus();
      boolean full =
          status == RestStatus.TOO_MANY_REQUESTS || status == RestStatus.SERVICE_UNAVAILABLE;
      if (full && attempt < MAX_ATTEMPTS) {
        refused.add(documents.get(item.getItemId()));
      } else if (item.getFailure().getCause() instanceof VersionConflictEngineException) {
        tally.conflict();
      } else {
        String reason = String.valueOf(item.getFailure().getCause().getMessage());
        tally.failed(
            new ReencodeFailure(item.getIndex(), item.getId(), status.getStatus(), reason));
      }
    }
    return refused;
  }
}
