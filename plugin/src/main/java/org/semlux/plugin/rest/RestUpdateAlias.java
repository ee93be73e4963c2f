package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.DELETE;
import static org.elasticsearch.rest.RestRequest.Method.PUT;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.semlux.plugin.action.UpdateAliasAction;

/**
 * {@code PUT /_semlux/aliases/{alias}} with {@code {"model_id": …}}: points an alias to a model;
 * {@code DELETE}: forgets it.
 */
public final class RestUpdateAlias extends BaseRestHandler {
  private static final ConstructingObjectParser<String, Void> PARSER =
      new ConstructingObjectParser<>("alias", values -> (String) values[0]);

  static {
    PARSER.declareString(ConstructingObjectParser.constructorArg(), new ParseField("model_id"));
  }

  @Override
  public String getName() {
    return "semlux_update_alias";
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(PUT, "/_semlux/aliases/{alias}"), new Route(DELETE, "/_semlux/aliases/{alias}"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    Optional<String> modelId =
        request.method() == PUT
            ? Optional.of(RequestBody.read(request, parser -> PARSER.parse(parser, null)))
            : Optional.empty();
    UpdateAliasAction.Request update =
        new UpdateAliasAction.Request(
            RestUtils.getMasterNodeTimeout(request),
            RestUtils.getAckTimeout(request),
            request.param("alias"),
            modelId,
            request.paramAsBoolean("force", false));
    return channel ->
        client.execute(UpdateAliasAction.TYPE, update, new RestToXContentListener<>(channel));
  }
}
