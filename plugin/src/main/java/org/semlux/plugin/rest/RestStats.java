package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.GET;

import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestActions.NodesResponseRestListener;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.StatsAction;

/** {@code GET /_semlux/stats}: what each model has done on each node. */
public final class RestStats extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_stats";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(GET, "/_semlux/stats"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    AllNodesRequest stats =
        new AllNodesRequest(request.paramAsTime("timeout", TimeValue.timeValueSeconds(30)));
    return channel ->
        client.execute(StatsAction.TYPE, stats, new NodesResponseRestListener<>(channel));
  }
}
