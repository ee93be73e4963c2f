package org.semlux.plugin.action;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.plugin.model.ClusterModels;

/**
 * Hands texts over to a model, on this node or another, and returns: the answer comes on a callback
 * thread. A task that is cancelled gives them up.
 */
abstract class EncoderTransport<Q extends ActionRequest, A extends ActionResponse>
    extends HandledTransportAction<Q, A> {
  final ClusterModels models;
  final ThreadContext threadContext;

  EncoderTransport(
      String name,
      TransportService transportService,
      ActionFilters actionFilters,
      ThreadPool threadPool,
      ClusterModels models,
      Writeable.Reader<Q> reader) {
    super(name, transportService, actionFilters, reader, EsExecutors.DIRECT_EXECUTOR_SERVICE);
    this.models = models;
    this.threadContext = threadPool.getThreadContext();
  }

  /**
   * Asks the encoder.
   *
   * @return gives the request up when it is run
   */
  abstract Runnable ask(Q request, ActionListener<A> listener);

  @Override
  protected void doExecute(Task task, Q request, ActionListener<A> listener) {
    Runnable cancel = ask(request, AnsweredOnce.of(listener));
    if (task instanceof CancellableTask cancellable) {
      cancellable.addListener(cancel::run);
    }
  }
}
