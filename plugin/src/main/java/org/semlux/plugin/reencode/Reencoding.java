package org.semlux.plugin.reencode;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.refresh.RefreshRequest;
import org.elasticsearch.action.search.ClosePointInTimeRequest;
import org.elasticsearch.action.search.OpenPointInTimeRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.TransportClosePointInTimeAction;
import org.elasticsearch.action.search.TransportOpenPointInTimeAction;
import org.elasticsearch.client.internal.ParentTaskAssigningClient;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.PointInTimeBuilder;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.sort.SortBuilders;
import org.elasticsearch.tasks.TaskCancelledException;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.plugin.reencode.DocumentChecks.Outdated;
import org.semlux.plugin.reencode.DocumentChecks.Refused;
import org.semlux.plugin.reencode.DocumentChecks.Verdict;

/**
 * One run: reads a batch of documents as they stood when it began, checks them, writes those that
 * have work in them, waits as long as the rate asks for, and so on to the last one. One batch at a
 * time, so its fields need no lock: each step is begun by the answer to the one before.
 */
final class Reencoding {
  private static final TimeValue PATIENCE = TimeValue.timeValueMinutes(5);

  private final ParentTaskAssigningClient client;
  private final ThreadPool threadPool;
  private final ReencodeRequest request;
  private final ReencodeTask task;
  private final Checks checks;
  private final Tally tally = new Tally();
  private final Pauses pauses;
  private final BatchWrite writes;
  private final long began;
  private final TimeValue keepAlive;

  private BytesReference pointInTime;
  private Object[] lastSort;
  private long batchBegan;

  Reencoding(
      ParentTaskAssigningClient client, ReencodeRequest request, ReencodeTask task, Checks checks) {
    this.client = client;
    this.threadPool = client.threadPool();
    this.request = request;
    this.task = task;
    this.checks = checks;
    this.pauses = new Pauses(threadPool, task);
    this.writes = new BatchWrite(client, request.pipeline(), tally, pauses);
    this.began = threadPool.relativeTimeInMillis();
    this.keepAlive = TimeValue.timeValueMillis(PATIENCE.millis() + millis(request.batchSize()));
  }

  void start(ActionListener<ReencodeResponse> told) {
    // Whatever step a cancellation meets fails in a way of its own.
    ActionListener<ReencodeResponse> listener =
        told.delegateResponse(
            (l, e) ->
                l.onFailure(
                    task.isCancelled()
                        ? new TaskCancelledException(task.getReasonCancelled())
                        : e));
    refresh(() -> open(listener));
  }

  /**
   * Has the index show what was written a moment ago. Where this user may not, or the index cannot,
   * the run sees what a search would; what else is wrong comes up there.
   */
  private void refresh(Runnable then) {
    client
        .admin()
        .indices()
        .refresh(
            new RefreshRequest(request.indices()).indicesOptions(request.indicesOptions()),
            ActionListener.running(then));
  }

  private void open(ActionListener<ReencodeResponse> listener) {
    OpenPointInTimeRequest open =
        new OpenPointInTimeRequest(request.indices())
            .indicesOptions(request.indicesOptions())
            .keepAlive(keepAlive);
    client.execute(
        TransportOpenPointInTimeAction.TYPE,
        open,
        listener.delegateFailureAndWrap(
            (l, opened) -> {
              pointInTime = opened.getPointInTimeId();
              read(ActionListener.runBefore(l, this::closePointInTime));
            }));
  }

  /** What so many documents take at the rate that is asked for. */
  private long millis(int documents) {
    return (long) (1_000 * documents / request.documentsPerSecond());
  }

  private void closePointInTime() {
    // Not as a child of the task, which may have been cancelled.
    client
        .unwrap()
        .execute(
            TransportClosePointInTimeAction.TYPE,
            new ClosePointInTimeRequest(pointInTime),
            ActionListener.noop()); // else it ends with its keep-alive
  }

  private void read(ActionListener<ReencodeResponse> listener) {
    if (task.isCancelled()) {
      listener.onFailure(new TaskCancelledException(task.getReasonCancelled()));
      return;
    }
    batchBegan = threadPool.relativeTimeInMillis();
    SearchSourceBuilder source =
        new SearchSourceBuilder()
            .query(checks.query())
            .size(request.batchSize())
            .seqNoAndPrimaryTerm(true)
            .fetchSource(true)
            .excludeVectors(false) // they are what an unchanged text keeps
            .sort(SortBuilders.pitTiebreaker())
            .trackTotalHits(lastSort == null)
            .pointInTimeBuilder(new PointInTimeBuilder(pointInTime).setKeepAlive(keepAlive));
    if (lastSort != null) {
      source.searchAfter(lastSort);
    }
    client.search(
        new SearchRequest().source(source).allowPartialSearchResults(false),
        listener.delegateFailureAndWrap((l, found) -> check(found, l)));
  }

  private void check(SearchResponse found, ActionListener<ReencodeResponse> listener) {
    if (lastSort == null) {
      tally.documents(found.getHits().getTotalHits().value());
      tell();
    }
    SearchHit[] hits = found.getHits().getHits();
    if (hits.length == 0) {
      long took = threadPool.relativeTimeInMillis() - began;
      listener.onResponse(new ReencodeResponse(took, tally.status(), tally.failures()));
      return;
    }
    if (found.pointInTimeId() != null) {
      pointInTime = new BytesArray(BytesReference.toBytes(found.pointInTimeId()));
    }
    lastSort = hits[hits.length - 1].getSortValues();
    found.mustIncRef(); // its documents are read until they are written
    ActionListener<Void> written =
        ActionListener.runBefore(
            listener.delegateFailureAndWrap((l, unused) -> read(l)), found::decRef);
    checks.check(
        hits, written.delegateFailureAndWrap((w, verdicts) -> write(hits.length, verdicts, w)));
  }

  private void write(int checked, List<Verdict> verdicts, ActionListener<Void> listener) {
    tally.checked(checked, verdicts.size());
    List<SearchHit> outdated = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      switch (verdict) {
        case Outdated document -> outdated.add(document.hit());
        case Refused document -> {
          SearchHit hit = document.hit();
          int status = RestStatus.BAD_REQUEST.getStatus();
          tally.failed(new ReencodeFailure(hit.getIndex(), hit.getId(), status, document.reason()));
        }
      }
    }
    tell();
    if (outdated.isEmpty()) {
      listener.onResponse(null);
      return;
    }
    writes.write(
        outdated, listener.delegateFailureAndWrap((l, unused) -> pause(outdated.size(), l)));
  }

  private void pause(int documents, ActionListener<Void> listener) {
    tally.batch();
    tally.checkHope();
    long due = batchBegan + millis(documents);
    long wait = Math.max(0, due - threadPool.relativeTimeInMillis());
    tally.throttled(wait);
    tell();
    pauses.after(wait, () -> listener.onResponse(null), listener);
  }

  private void tell() {
    task.reached(tally.status());
  }
}
