package org.semlux.plugin.action;

import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.master.MasterNodeRequest;
import org.elasticsearch.action.support.master.TransportMasterNodeAction;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockException;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.injection.guice.Inject;
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

  @Override
  protected ClusterBlockException checkBlock(Request request, ClusterState state) {
    return state.blocks().globalBlockedException(ClusterBlockLevel.METADATA_WRITE);
  }
}
