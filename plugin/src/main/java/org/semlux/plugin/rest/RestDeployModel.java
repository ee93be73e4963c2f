package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;

import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestCancellableNodeClient;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;

/**
 * {@code POST /_semlux/models/{id}/_deploy}: waits for the nodes, {@code ?timeout} at most and no
 * longer than its client does; the deployment itself goes on.
 */
public final class RestDeployModel extends BaseRestHandler {
  private static final TimeValue DEFAULT_TIMEOUT = TimeValue.timeValueSeconds(60);

  @Override
  public String getName() {
    return "semlux_deploy_model";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(POST, "/_semlux/models/{id}/_deploy"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    ModelRequest deploy =
        new ModelRequest(
            RestUtils.getMasterNodeTimeout(request),
            request.paramAsTime("timeout", DEFAULT_TIMEOUT),
            request.param("id"));
    return channel ->
        new RestCancellableNodeClient(client, request.getHttpChannel())
            .execute(DeployModelAction.TYPE, deploy, new RestToXContentListener<>(channel));
  }
}
