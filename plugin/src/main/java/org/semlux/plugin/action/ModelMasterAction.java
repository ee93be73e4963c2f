package org.semlux.plugin.action;

import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.master.MasterNodeRequest;
import org.elasticsearch.action.support.master.TransportMasterNodeAction;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockException;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;

/**
 * What changes the cluster's models: runs on the elected master, unless its metadata is blocked.
 */
abstract class ModelMasterAction<
        Request extends MasterNodeRequest<Request>, Response extends ActionResponse>
    extends TransportMasterNodeAction<Request, Response> {
  /** What the server gives to each of these actions. */
  public static final class Services {
    final TransportService transportService;
    final ClusterService clusterService;
    final ThreadPool threadPool;
    final ActionFilters actionFilters;

    @Inject
    public Services(
        TransportService transportService,
        ClusterService clusterService,
        ThreadPool threadPool,
        ActionFilters actionFilters) {
      this.transportService = transportService;
      this.clusterService = clusterService;
      this.threadPool = threadPool;
      this.actionFilters = actionFilters;
    }
  }

  ModelMasterAction(
      String name,
      Services services,
      Writeable.Reader<Request> request,
      Writeable.Reader<Response> response) {
    super(
        name,
        services.transportService,
        services.clusterService,
        services.threadPool,
        services.actionFilters,
        request,
        response,
        services.threadPool.executor(ThreadPool.Names.MANAGEMENT));
  }

  /** A master without the plugin knows none of these actions. */
  @Override
  protected void doExecute(Task task, Request request, ActionListener<Response> listener) {
    super.doExecute(
        task,
        request,
        listener.delegateResponse(
            (l, e) -> {
              DiscoveryNode master = clusterService.state().nodes().getMasterNode();
              boolean lacks = master != null && NodesWithoutPlugin.isUnknown(e, actionName);
              l.onFailure(lacks ? NodesWithoutPlugin.refusal(List.of(master.getName())) : e);
            }));
  }

  @Override
  protected ClusterBlockException checkBlock(Request request, ClusterState state) {
    return state.blocks().globalBlockedException(ClusterBlockLevel.METADATA_WRITE);
  }
}
