package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;
import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestCancellableNodeClient;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.semlux.plugin.action.RerankAction;
import org.semlux.plugin.model.WholeNumber;

/** {@code POST /_semlux/models/{id}/_rerank}: gives up when the client hangs up. */
public final class RestRerank extends BaseRestHandler {
  private static final ConstructingObjectParser<RerankAction.Request, String> PARSER =
      new ConstructingObjectParser<>("rerank", false, RestRerank::fromParsed);

  static {
    PARSER.declareString(constructorArg(), new ParseField("query"));
    PARSER.declareStringArray(constructorArg(), new ParseField("documents"));
    WholeNumber.declareInt(PARSER, optionalConstructorArg(), new ParseField("top_n"));
  }

  @SuppressWarnings("unchecked")
  private static RerankAction.Request fromParsed(Object[] values, String modelId) {
    int topN = values[2] == null ? RerankAction.MAX_DOCUMENTS : (Integer) values[2];
    return new RerankAction.Request(modelId, (String) values[0], (List<String>) values[1], topN);
  }

  @Override
  public String getName() {
    return "semlux_rerank";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(POST, "/_semlux/models/{id}/_rerank"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    String id = request.param("id");
    RerankAction.Request rerank = RequestBody.read(request, parser -> PARSER.apply(parser, id));
    return channel ->
        new RestCancellableNodeClient(client, request.getHttpChannel())
            .execute(RerankAction.TYPE, rerank, new RestToXContentListener<>(channel));
  }
}
