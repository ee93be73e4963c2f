package org.semlux.plugin.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.admin.indices.alias.TransportIndicesAliasesAction;
import org.elasticsearch.action.admin.indices.create.TransportCreateIndexAction;
import org.elasticsearch.action.admin.indices.template.put.PutComponentTemplateAction;
import org.elasticsearch.action.admin.indices.template.put.TransportPutComposableIndexTemplateAction;
import org.elasticsearch.action.admin.indices.template.put.TransportPutIndexTemplateAction;
import org.elasticsearch.action.search.SearchPhaseExecutionException;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;

/**
 * Puts the sentence that says what is wrong first. Elasticsearch wraps what a query, a rescorer or
 * a retriever throws into "all shards failed" and the like; what was thrown here, on whatever node,
 * is known by the code at the top of its stack trace.
 */
public final class FirstReason {
  private static final String OURS = "org.semlux.";

  /** What Elasticsearch says where it rewrites a query, but does not wait for its text's vector. */
  private static final String NOT_AWAITED = "async actions are left after rewrite";

  /** What Elasticsearch says of queries or retrievers within each other, too many to rewrite. */
  private static final String TOO_DEEP = "too many rewrite rounds";

  private FirstReason() {}

  /**
   * A failure with our reason first, all that Elasticsearch said about it behind; the failure
   * itself where it has no reason of ours.
   *
   * @param concerned whether what failed was a search of ours: then the innermost reason is of
   *     interest, whoever gives it, such as a vector's wrong length. Data nodes send no stack
   *     traces
   */
  static Exception of(Exception failure, boolean concerned) {
    List<Throwable> all = all(failure);
    if (isOurs(failure)) {
      return failure;
    }
    for (Throwable reason : all) {
      if (isOurs(reason)) {
        return first(reason.getMessage(), ExceptionsHelper.status(reason), failure);
      }
    }
    if (says(all, TOO_DEEP)) {
      return first(
          "the search holds too many queries or retrievers within each other: Elasticsearch"
              + " rewrites a search 16 times at most",
          RestStatus.BAD_REQUEST,
          failure);
    }
    if (says(all, NOT_AWAITED)) {
      return first(
          "a text cannot be encoded here: an alias's filter, and whatever else Elasticsearch keeps as"
              + " a query, takes a [query_vector]",
          RestStatus.BAD_REQUEST,
          failure);
    }
    if (concerned && failure instanceof SearchPhaseExecutionException) {
      Throwable innermost = failure;
      while (innermost.getCause() != null) {
        innermost = innermost.getCause();
      }
      return innermost == failure
          ? failure
          : first(innermost.getMessage(), ExceptionsHelper.status(failure), failure);
    }
    return failure;
  }

  private static Exception first(String reason, RestStatus status, Exception failure) {
    return reason == null
        ? failure
        : new ElasticsearchStatusException("{}", status, failure, reason);
  }

  private static boolean says(List<Throwable> all, String words) {
    return all.stream().anyMatch(one -> String.valueOf(one.getMessage()).contains(words));
  }

  /** A failure and what it comes from, outermost first. */
  private static List<Throwable> all(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> all = new ArrayList<>();
    Deque<Throwable> left = new ArrayDeque<>(List.of(failure));
    while (!left.isEmpty()) {
      Throwable next = left.poll();
      if (!seen.add(next)) {
        continue;
      }
      all.add(next);
      Optional.ofNullable(next.getCause()).ifPresent(left::add);
      left.addAll(Arrays.asList(next.getSuppressed()));
      if (next instanceof SearchPhaseExecutionException phase) {
        Arrays.stream(phase.shardFailures()).forEach(shard -> left.add(shard.getCause()));
      }
    }
    return all;
  }

  private static boolean isOurs(Throwable reason) {
    StackTraceElement[] trace = reason.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith(OURS);
  }

  /** Filters for the actions that check and keep the filter of an alias. */
  public static Stream<MappedActionFilter> whereQueriesAreKept() {
    return Stream.of(
            TransportIndicesAliasesAction.NAME,
            TransportCreateIndexAction.TYPE.name(),
            TransportPutIndexTemplateAction.TYPE.name(),
            TransportPutComposableIndexTemplateAction.TYPE.name(),
            PutComponentTemplateAction.NAME)
        .map(Filter::new);
  }

  /** Does so for one action that may be given queries. */
  private record Filter(String actionName) implements MappedActionFilter {
    @Override
    public <Q extends ActionRequest, A extends ActionResponse> void apply(
        Task task,
        String action,
        Q request,
        ActionListener<A> listener,
        ActionFilterChain<Q, A> chain) {
      chain.proceed(
          task, action, request, listener.delegateResponse((l, e) -> l.onFailure(of(e, false))));
    }
  }
}
