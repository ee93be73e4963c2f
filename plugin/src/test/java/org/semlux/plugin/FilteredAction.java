package org.semlux.plugin;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.tasks.Task;

/** What a test's plugin has done before an action of Elasticsearch's, or in its place. */
public record FilteredAction(String actionName, Step step) implements MappedActionFilter {
  /** One step of an action. */
  @FunctionalInterface
  public interface Step {
    /**
     * Throws, answers, or goes on.
     *
     * @param proceed does what was asked for
     */
    void take(ActionRequest request, ActionListener<?> listener, Runnable proceed);
  }

  @Override
  public <Q extends ActionRequest, A extends ActionResponse> void apply(
      Task task,
      String action,
      Q request,
      ActionListener<A> listener,
      ActionFilterChain<Q, A> chain) {
    step.take(request, listener, () -> chain.proceed(task, action, request, listener));
  }
}
