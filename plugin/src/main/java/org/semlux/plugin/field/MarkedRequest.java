package org.semlux.plugin.field;

import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.util.concurrent.ThreadContext;

/** Requests of ours within another's: a header that goes along tells them from what users send. */
final class MarkedRequest {
  private MarkedRequest() {}

  /** Executes one; the answer comes without the header. */
  static <Q extends ActionRequest, A extends ActionResponse> void execute(
      Client client, ActionType<A> type, Q request, String header, ActionListener<A> listener) {
    ThreadContext context = client.threadPool().getThreadContext();
    var asker = ContextPreservingActionListener.wrapPreservingContext(listener, context);
    ThreadContext.StoredContext before = context.newStoredContext(List.of(), List.of(header));
    try {
      context.putHeader(header, "true");
      client.execute(type, request, asker);
    } finally {
      before.restore();
    }
  }
}
