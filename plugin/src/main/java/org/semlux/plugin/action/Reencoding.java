package org.semlux.plugin.action;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.search.ClosePointInTimeRequest;
import org.elasticsearch.action.search.OpenPointInTimeRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.TransportClosePointInTimeAction;
import org.elasticsearch.action.search.TransportOpenPointInTimeAction;
import org.elasticsearch.client.internal.ParentTaskAssigningClient;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.document.DocumentField;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.engine.VersionConflictEngineException;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.PointInTimeBuilder;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.sort.SortBuilders;
import org.elasticsearch.tasks.TaskCancelledException;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.plugin.action.ReencodeAction.Failure;
import org.semlux.plugin.action.ReencodeAction.ReencodeTask;
import org.semlux.plugin.action.ReencodeAction.Response;

/**
 * One run: reads a batch of what is outdated, sends it through the pipeline with a bulk request,
 * waits as long as the rate asks for, and so on until nothing is left. One batch at a time, so its
 * fields need no lock: each step is begun by the answer to the one before.
 *
 * <p>A document that somebody else writes meanwhile is left alone, as it went through a pipeline of
 * its own. What a full queue refuses is sent again, up to {@value #MAX_ATTEMPTS} times with growing
 * pauses. Other failures are counted, and end the run where nothing else comes.
 */
final class Reencoding {
  private static final TimeValue PATIENCE = TimeValue.timeValueMinutes(5);
  private static final TimeValue LOOK_AFTER = TimeValue.timeValueSeconds(1);
  private static final TimeValue FIRST_PAUSE = TimeValue.timeValueMillis(200);
  private static final int MAX_ATTEMPTS = 10;
  private static final int NAMED_FAILURES = 10;

  /** So many failures in a row are no single documents' fault. */
  private static final int HOPELESS = 200;

  private final ParentTaskAssigningClient client;
  private final ThreadPool threadPool;
  private final ReencodeAction.Request request;
  private final ReencodeTask task;
  private final QueryBuilder outdated;
  private final long began;
  private final TimeValue keepAlive;

  private final List<Failure> failures = new ArrayList<>();
  private BytesReference pointInTime;
  private Object[] lastSort;
  private long batchBegan;
  private int batchFailures;
  private int failedInARow;
  private long total;
  private long updated;
  private long conflicts;
  private long failed;
  private long batches;
  private long throttled;

  Reencoding(
      ParentTaskAssigningClient client,
      ReencodeAction.Request request,
      ReencodeTask task,
      QueryBuilder outdated) {
    this.client = client;
    this.threadPool = client.threadPool();
    this.request = request;
    this.task = task;
    this.outdated = outdated;
    this.began = threadPool.relativeTimeInMillis();
    this.keepAlive = TimeValue.timeValueMillis(PATIENCE.millis() + millis(request.batchSize()));
  }

  void start(ActionListener<Response> listener) {
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
              nextBatch(ActionListener.runBefore(l, this::closePointInTime));
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

  private void nextBatch(ActionListener<Response> listener) {
    if (task.isCancelled()) {
      listener.onFailure(new TaskCancelledException(task.getReasonCancelled()));
      return;
    }
    batchBegan = threadPool.relativeTimeInMillis();
    batchFailures = 0;
    SearchSourceBuilder source =
        new SearchSourceBuilder()
            .query(outdated)
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
        listener.delegateFailureAndWrap((l, found) -> write(found, l)));
  }

  private void write(SearchResponse found, ActionListener<Response> listener) {
    if (lastSort == null) {
      total = found.getHits().getTotalHits().value();
    }
    SearchHit[] hits = found.getHits().getHits();
    tell();
    if (hits.length == 0) {
      listener.onResponse(
          new Response(threadPool.relativeTimeInMillis() - began, task.getStatus(), failures));
      return;
    }
    if (found.pointInTimeId() != null) {
      pointInTime = copy(found.pointInTimeId());
    }
    lastSort = hits[hits.length - 1].getSortValues();
    List<IndexRequest> documents = new ArrayList<>(hits.length);
    for (SearchHit hit : hits) {
      documents.add(again(hit));
    }
    send(documents, 0, listener.delegateFailureAndWrap((l, unused) -> pause(hits.length, l)));
  }

  @SuppressWarnings("deprecation") // a hit does not say what its source is written in
  private IndexRequest again(SearchHit hit) {
    DocumentField routing = hit.field("_routing");
    BytesReference source = copy(hit.getSourceRef());
    return new IndexRequest(hit.getIndex())
        .id(hit.getId())
        .routing(routing == null ? null : routing.<String>getValue())
        .source(source, XContentHelper.xContentType(source))
        .setIfSeqNo(hit.getSeqNo())
        .setIfPrimaryTerm(hit.getPrimaryTerm())
        .setPipeline(request.pipeline());
  }

  /** What an answer holds is taken back when it has been read. */
  private static BytesReference copy(BytesReference octets) {
    return new BytesArray(BytesReference.toBytes(octets));
  }

  private void send(List<IndexRequest> documents, int attempt, ActionListener<Void> listener) {
    BulkRequest bulk = new BulkRequest();
    // A pipeline changes the request that it is given: what may be sent again is a copy.
    documents.forEach(document -> bulk.add(copy(document)));
    client.bulk(
        bulk,
        listener.delegateFailureAndWrap(
            (l, answer) -> {
              List<IndexRequest> refused = account(documents, answer, attempt);
              tell();
              if (refused.isEmpty()) {
                l.onResponse(null);
              } else {
                long pause = FIRST_PAUSE.millis() << Math.min(attempt, 6); // at most 13 s
                later(pause, () -> send(refused, attempt + 1, l), l);
              }
            }));
  }

  private static IndexRequest copy(IndexRequest document) {
    return new IndexRequest(document.index())
        .id(document.id())
        .routing(document.routing())
        .source(document.source(), document.getContentType())
        .setIfSeqNo(document.ifSeqNo())
        .setIfPrimaryTerm(document.ifPrimaryTerm())
        .setPipeline(document.getPipeline());
  }

  /** Counts what came of documents and returns those that are worth another try. */
  private List<IndexRequest> account(
      List<IndexRequest> documents, BulkResponse answer, int attempt) {
    List<IndexRequest> refused = new ArrayList<>();
    for (BulkItemResponse item : answer.getItems()) {
      if (!item.isFailed()) {
        updated++;
        continue;
      }
      RestStatus status = item.getFailure().getStatus();
      boolean passing =
          status == RestStatus.TOO_MANY_REQUESTS || status == RestStatus.SERVICE_UNAVAILABLE;
      if (passing && attempt < MAX_ATTEMPTS) {
        refused.add(documents.get(item.getItemId()));
      } else if (isVersionConflict(item)) {
        conflicts++;
      } else {
        failed++;
        batchFailures++;
        if (failures.size() < NAMED_FAILURES) {
          String reason = String.valueOf(item.getFailure().getCause().getMessage());
          failures.add(new Failure(item.getIndex(), item.getId(), status.getStatus(), reason));
        }
      }
    }
    return refused;
  }

  private static boolean isVersionConflict(BulkItemResponse item) {
    return item.getFailure().getCause() instanceof VersionConflictEngineException;
  }

  private void pause(int documents, ActionListener<Response> listener) {
    batches++;
    failedInARow = batchFailures == documents ? failedInARow + documents : 0;
    if (failedInARow >= HOPELESS || (failedInARow > 0 && updated + conflicts == 0)) {
      Failure last = failures.get(failures.size() - 1);
      listener.onFailure(
          new ElasticsearchStatusException(
              "{} documents in a row failed, such as [{}]: {}",
              RestStatus.fromCode(last.status()),
              failedInARow,
              last.id(),
              last.reason()));
      return;
    }
    long due = batchBegan + millis(documents);
    long wait = Math.max(0, due - threadPool.relativeTimeInMillis());
    throttled += wait;
    tell();
    later(wait, () -> nextBatch(listener), listener);
  }

  /** Goes on off the thread that answered, under the same user; looks often if it still may. */
  private void later(long millis, Runnable step, ActionListener<?> listener) {
    if (task.isCancelled()) {
      listener.onFailure(new TaskCancelledException(task.getReasonCancelled()));
      return;
    }
    long wait = Math.min(millis, LOOK_AFTER.millis());
    Runnable next = millis == wait ? step : () -> later(millis - wait, step, listener);
    threadPool.schedule(
        threadPool
            .getThreadContext()
            .preserveContext(ActionRunnable.wrap(listener, l -> next.run())),
        TimeValue.timeValueMillis(wait),
        threadPool.generic());
  }

  private void tell() {
    task.reached(new ReencodeStatus(total, updated, conflicts, failed, batches, throttled));
  }
}
