package org.semlux.plugin.field;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.TransportBulkAction;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.action.update.TransportUpdateAction;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.action.update.UpdateResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.tasks.Task;

/**
 * Updates that stood in a bulk and go their own way. What an update alone makes of a document
 * Elasticsearch sends through the index's pipelines; what one in a bulk makes it does not, since
 * its part of the document, where that may become one, went through them with the bulk. A header
 * takes this to the node where the document is made.
 */
final class BulkUpdates implements MappedActionFilter {
  private static final String HEADER = "_semlux_bulk_update";

  private final ThreadContext context;

  BulkUpdates(ThreadContext context) {
    this.context = context;
  }

  static void execute(
      Client client, UpdateRequest update, ActionListener<UpdateResponse> listener) {
    ThreadContext context = client.threadPool().getThreadContext();
    var asker = ContextPreservingActionListener.wrapPreservingContext(listener, context);
    MarkedRequest.run(
        context, HEADER, "true", () -> client.execute(TransportUpdateAction.TYPE, update, asker));
  }

  @Override
  public String actionName() {
    return TransportBulkAction.NAME;
  }

  @Override
  public <Q extends ActionRequest, A extends ActionResponse> void apply(
      Task task,
      String action,
      Q request,
      ActionListener<A> listener,
      ActionFilterChain<Q, A> chain) {
    if (context.getHeader(HEADER) != null && request instanceof BulkRequest bulk) {
      for (var item : bulk.requests()) {
        if (item instanceof IndexRequest document) {
          document
              .setPipeline(IngestService.NOOP_PIPELINE_NAME)
              .setFinalPipeline(IngestService.NOOP_PIPELINE_NAME)
              .isPipelineResolved(true);
        }
      }
    }
    chain.proceed(task, action, request, listener);
  }
}
