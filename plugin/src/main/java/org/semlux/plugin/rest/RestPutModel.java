package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.PUT;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.plugin.action.PutModelAction;
import org.semlux.plugin.model.ModelManifest;

/** {@code PUT /_semlux/models/{id}}: begins an upload with the manifest in the body. */
public final class RestPutModel extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_put_model";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(PUT, "/_semlux/models/{id}"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    ModelManifest manifest = RequestBody.read(request, ModelManifest::parse);
    PutModelAction.Request put =
        new PutModelAction.Request(
            RestUtils.getMasterNodeTimeout(request),
            RestUtils.getAckTimeout(request),
            request.param("id"),
            manifest);
    return channel ->
        client.execute(PutModelAction.TYPE, put, new RestToXContentListener<>(channel));
  }
}
