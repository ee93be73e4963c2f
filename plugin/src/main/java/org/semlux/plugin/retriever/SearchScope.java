package org.semlux.plugin.retriever;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.TransportSearchAction;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;

/**
 * The search that is being rewritten: its rewrite context knows neither its task nor its timeout.
 *
 * @param node the asking one, where the task runs
 * @param task ends with the search
 * @param deadline by the search's {@code timeout}, counted from its start
 */
record SearchScope(String node, CancellableTask task, Optional<Instant> deadline) {
  private static final String KEY = "semlux_search";

  /** The search on whose behalf this thread runs. */
  static Optional<SearchScope> of(ThreadContext context) {
    return Optional.ofNullable(context.getTransient(KEY));
  }

  /** What {@link org.elasticsearch.action.ActionRequest#setParentTask} takes. */
  TaskId taskId() {
    return new TaskId(node, task.getId());
  }

  /** Puts each search's scope into the thread context that it is rewritten in. */
  static final class Filter implements MappedActionFilter {
    private final ThreadContext context;
    private final String node;

    Filter(ThreadContext context, String node) {
      this.context = context;
      this.node = node;
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
      // A search within a search has a scope of its own, which ends with its answer.
      var asker = ContextPreservingActionListener.wrapPreservingContext(listener, context);
      ThreadContext.StoredContext outer = context.newStoredContext(List.of(KEY), List.of());
      try {
        context.putTransient(KEY, new SearchScope(node, cancellable, deadline(search)));
        chain.proceed(task, action, request, asker);
      } finally {
        outer.restore();
      }
    }

    private static Optional<Instant> deadline(SearchRequest search) {
      return Optional.ofNullable(search.source())
          .map(source -> source.timeout())
          .filter(timeout -> !timeout.equals(TimeValue.MINUS_ONE))
          .map(timeout -> Instant.now().plusMillis(timeout.millis()));
    }
  }
}
