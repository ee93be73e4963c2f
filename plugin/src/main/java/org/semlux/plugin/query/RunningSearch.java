package org.semlux.plugin.query;

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

/**
 * The search that is being worked at on the node that was asked: a query that is rewritten is not
 * told, but may find it in its thread context.
 *
 * @param task which a user may cancel, and a lost connection does
 * @param timeout the request's own, if it has one
 */
public record RunningSearch(CancellableTask task, Optional<TimeValue> timeout) {
  private static final String KEY = "_semlux_search";

  /** The search of the current thread, if it runs for one. */
  public static Optional<RunningSearch> of(ThreadContext context) {
    return Optional.ofNullable(context.getTransient(KEY));
  }

  /** Notes each search in its thread context. */
  public static final class Filter implements MappedActionFilter {
    private final ThreadContext context;

    public Filter(ThreadContext context) {
      this.context = context;
    }

    @Override
    public String actionName() {
      return TransportSearchAction.NAME;
    }

    @Override
    public <Request extends ActionRequest, Response extends ActionResponse> void apply(
        Task task,
        String action,
        Request request,
        ActionListener<Response> listener,
        ActionFilterChain<Request, Response> chain) {
      if (!(task instanceof CancellableTask cancellable)
          || !(request instanceof SearchRequest search)) {
        chain.proceed(task, action, request, listener);
        return;
      }
      // Whoever asked goes on without it; a search within a search has its own.
      var asked = ContextPreservingActionListener.wrapPreservingContext(listener, context);
      ThreadContext.StoredContext before = context.newStoredContext(List.of(KEY), List.of());
      try {
        context.putTransient(KEY, new RunningSearch(cancellable, timeout(search)));
        chain.proceed(task, action, request, asked);
      } finally {
        before.restore();
      }
    }

    private static Optional<TimeValue> timeout(SearchRequest search) {
      return Optional.ofNullable(search.source())
          .map(source -> source.timeout())
          .filter(timeout -> timeout.millis() > 0);
    }
  }
}
