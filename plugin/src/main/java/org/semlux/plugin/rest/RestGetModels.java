package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.GET;

import java.util.List;
import java.util.Optional;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.plugin.action.GetModelsAction;

/** {@code GET /_semlux/models} and {@code GET /_semlux/models/{id}}: where models stand. */
public final class RestGetModels extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_get_models";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(GET, "/_semlux/models"), new Route(GET, "/_semlux/models/{id}"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    GetModelsAction.Request get =
        new GetModelsAction.Request(Optional.ofNullable(request.param("id")));
    return channel ->
        client.execute(GetModelsAction.TYPE, get, new RestToXContentListener<>(channel));
  }
}
