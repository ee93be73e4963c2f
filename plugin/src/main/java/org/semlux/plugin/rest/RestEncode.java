package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;
import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestCancellableNodeClient;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.action.EncodeAction;

/** {@code POST /_semlux/models/{id}/_encode}: gives up when the client hangs up. */
public final class RestEncode extends BaseRestHandler {
  private static final ConstructingObjectParser<EncodeAction.Request, String> PARSER =
      new ConstructingObjectParser<>("encode", false, RestEncode::fromParsed);

  static {
    PARSER.declareStringArray(constructorArg(), new ParseField("texts"));
    PARSER.declareString(optionalConstructorArg(), new ParseField("input_type"));
    PARSER.declareString(optionalConstructorArg(), new ParseField("prompt_name"));
  }

  @SuppressWarnings("unchecked")
  private static EncodeAction.Request fromParsed(Object[] values, String modelId) {
    return new EncodeAction.Request(
        modelId,
        (List<String>) values[0],
        Optional.ofNullable((String) values[1]).map(RestEncode::inputType),
        Optional.ofNullable((String) values[2]));
  }

  private static InputType inputType(String name) {
    return switch (name) {
      case "query" -> InputType.QUERY;
      case "document" -> InputType.DOCUMENT;
      default ->
          throw new IllegalArgumentException(
              "[input_type] must be query or document, not [" + Excerpt.of(name) + "]");
    };
  }

  @Override
  public String getName() {
    return "semlux_encode";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(POST, "/_semlux/models/{id}/_encode"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    String id = request.param("id");
    EncodeAction.Request encode = RequestBody.read(request, parser -> PARSER.apply(parser, id));
    return channel ->
        new RestCancellableNodeClient(client, request.getHttpChannel())
            .execute(EncodeAction.TYPE, encode, new RestToXContentListener<>(channel));
  }
}
