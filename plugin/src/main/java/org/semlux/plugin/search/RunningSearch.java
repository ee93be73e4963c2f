package org.semlux.plugin.search;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.ShardSearchFailure;
import org.elasticsearch.action.search.TransportSearchAction;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskManager;
import org.semlux.ingest.deployed.AnsweredOnce;

/**
 * The search that is being worked at on the node that was asked: what is rewritten for it, queries
 * and retrievers, is not told, but finds it in the thread context.
 *
 * @param task which a user may cancel, and a lost connection does
 * @param deadline by the search's {@code timeout}, counted from its start
 * @param encoded whether one of its texts was
 * @param window how many hits of a query any part of it looks at
 * @param missed shards that failed in searches within it, with their reasons
 * @param asker told once, be it of the search's end or of what nobody else would tell
 */
public record RunningSearch(
    CancellableTask task,
    Optional<Instant> deadline,
    AtomicBoolean encoded,
    int window,
    Map<String, Throwable> missed,
    ActionListener<?> asker) {
  private static final String KEY = "_semlux_search";

  /** The search on whose behalf the current thread runs. */
  public static Optional<RunningSearch> of(ThreadContext context) {
    return Optional.ofNullable(context.getTransient(KEY));
  }

  /** How many hits of a query the search that the current thread runs for looks at. */
  public static int window(ThreadContext context) {
    return of(context).map(RunningSearch::window).orElse(SearchBounds.DEFAULT_SIZE);
  }

  /**
   * A listener behind which Elasticsearch goes on with the search that the current thread runs for.
   * It counts its answers before that, and so could tell nobody of an error that is thrown there:
   * here the search fails by it. A point in time that it holds then ends by its keep-alive.
   */
  public static <T> ActionListener<T> goingOn(ThreadContext context, ActionListener<T> next) {
    return of(context).<ActionListener<T>>map(search -> search.telling(next)).orElse(next);
  }

  private <T> ActionListener<T> telling(ActionListener<T> next) {
    return new ActionListener<>() {
      @Override
      public void onResponse(T answer) {
        AnsweredOnce.run(asker, unused -> next.onResponse(answer));
      }

      @Override
      public void onFailure(Exception e) {
        AnsweredOnce.run(asker, unused -> next.onFailure(e));
      }
    };
  }

  /** Whether a text was encoded for a search, or it names something of ours. */
  private boolean concerns(SearchRequest search) {
    return encoded.get() || String.valueOf(search.source()).contains("\"semlux_");
  }

  /** The shards that failed in a search, with their reasons. */
  private static Map<String, Throwable> failed(SearchResponse response) {
    Map<String, Throwable> failed = new TreeMap<>();
    for (ShardSearchFailure failure : response.getShardFailures()) {
      failed.put("[%s][%s]".formatted(failure.index(), failure.shardId()), failure.getCause());
    }
    return failed;
  }

  /**
   * Windows that lack a shard are ranked as if they were whole: so the answer must say that this
   * shard failed, as it does by itself where the shard is not there at all.
   */
  private void requireTold(Set<String> told) {
    missed.forEach(
        (shard, reason) -> {
          if (!told.contains(shard)) {
            Throwable cause = ExceptionsHelper.unwrapCause(reason);
            throw new ElasticsearchStatusException(
                "shard {} failed in a search for what is to be ranked: {}",
                ExceptionsHelper.status(cause),
                reason,
                shard,
                cause.getMessage());
          }
        });
  }

  /**
   * Notes each search in its thread context. Retrievers search within a search, and Elasticsearch
   * lets such searches run on when the outer one has ended: here they end with it.
   */
  public static final class Filter implements MappedActionFilter {
    private final ThreadContext context;
    private final TaskManager tasks;

    public Filter(ThreadContext context, TaskManager tasks) {
      this.context = context;
      this.tasks = tasks;
    }

    @Override
    public String actionName() {
      return TransportSearchAction.NAME;
    }

    @Override
    public <Q extends ActionRequest, A extends ActionResponse> void apply(
        Task task,
        String action,
        Q request,
        ActionListener<A> listener,
        ActionFilterChain<Q, A> chain) {
      if (!(task instanceof CancellableTask cancellable
          && request instanceof SearchRequest search)) {
        chain.proceed(task, action, request, listener);
        return;
      }
      Optional<String> excess = SearchBounds.excess(search.source());
      if (excess.isPresent()) {
        listener.onFailure(new IllegalArgumentException(excess.get()));
        return;
      }
      Optional<RunningSearch> outer = of(context);
      outer.ifPresent(whole -> endWith(whole, cancellable, search));
      // Told once, and what it throws itself; whoever asked goes on without what is noted here.
      ActionListener<A> asker =
          ContextPreservingActionListener.wrapPreservingContext(AnsweredOnce.of(listener), context);
      var running =
          new RunningSearch(
              cancellable,
              deadline(search),
              new AtomicBoolean(),
              SearchBounds.window(search.source()),
              new ConcurrentSkipListMap<>(),
              asker);
      boolean ranks = SearchBounds.ranks(search.source());
      ActionListener<A> told =
          asker
              .delegateResponse((l, e) -> l.onFailure(FirstReason.of(e, running.concerns(search))))
              .delegateFailureAndWrap(
                  (l, answer) -> {
                    if (answer instanceof SearchResponse response) {
                      outer.ifPresent(whole -> failed(response).forEach(whole.missed::putIfAbsent));
                      if (ranks) {
                        running.requireTold(failed(response).keySet());
                      }
                    }
                    l.onResponse(answer);
                  });
      ThreadContext.StoredContext before = context.newStoredContext(List.of(KEY), List.of());
      try {
        context.putTransient(KEY, running);
        AnsweredOnce.run(told, l -> chain.proceed(task, action, request, l));
      } finally {
        before.restore();
      }
    }

    private void endWith(RunningSearch outer, CancellableTask inner, SearchRequest request) {
      outer.deadline.ifPresent(deadline -> limit(request, deadline));
      outer.task.addListener(
          () -> {
            // Shards are told by the node itself: no user may.
            ThreadContext.StoredContext canceller = context.newEmptySystemContext();
            try {
              String reason = outer.task.getReasonCancelled();
              tasks.cancelTaskAndDescendants(inner, reason, false, ActionListener.noop());
            } finally {
              canceller.restore();
            }
          });
    }

    /** Half a window would be ranked as if it were all: a search within a search fails instead. */
    private static void limit(SearchRequest request, Instant deadline) {
      TimeValue left = left(deadline);
      SearchSourceBuilder source = request.source();
      if (source != null && (!isLimited(source) || source.timeout().compareTo(left) > 0)) {
        source.timeout(left);
        request.allowPartialSearchResults(false);
      }
    }

    private static Optional<Instant> deadline(SearchRequest search) {
      return Optional.ofNullable(search.source())
          .filter(Filter::isLimited)
          .map(source -> Instant.now().plusMillis(source.timeout().millis()));
    }

    private static boolean isLimited(SearchSourceBuilder source) {
      return source.timeout() != null && source.timeout().millis() >= 0;
    }
  }

  /** The time until then; nothing when it has passed. */
  public static TimeValue left(Instant deadline) {
    return TimeValue.timeValueMillis(
        Math.max(0, deadline.toEpochMilli() - Instant.now().toEpochMilli()));
  }
}
