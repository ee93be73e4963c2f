package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.DELETE;

import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.ModelRequest;

/** {@code DELETE /_semlux/models/{id}}: undeploys a model and forgets it. */
public final class RestDeleteModel extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_delete_model";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(DELETE, "/_semlux/models/{id}"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    ModelRequest delete =
        new ModelRequest(
            RestUtils.getMasterNodeTimeout(request),
            RestUtils.getAckTimeout(request),
            request.param("id"),
            request.paramAsBoolean("force", false));
    return channel ->
        client.execute(DeleteModelAction.TYPE, delete, new RestToXContentListener<>(channel));
  }
}
