package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;

import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.UndeployModelAction;

/** {@code POST /_semlux/models/{id}/_undeploy}: has every node close a model. */
public final class RestUndeployModel extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_undeploy_model";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(POST, "/_semlux/models/{id}/_undeploy"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    ModelRequest undeploy =
        new ModelRequest(
            RestUtils.getMasterNodeTimeout(request),
            RestUtils.getAckTimeout(request),
            request.param("id"),
            request.paramAsBoolean("force", false));
    return channel ->
        client.execute(UndeployModelAction.TYPE, undeploy, new RestToXContentListener<>(channel));
  }
}
