package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.PUT;

import java.util.List;
import java.util.Optional;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.bytes.ReleasableBytesReference;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.semlux.encoders.api.Excerpt;
import org.semlux.plugin.action.PutPartAction;

/**
 * {@code PUT /_semlux/models/{id}/parts/{part}}: takes the body's bytes, of any content type. With
 * {@code ?sha256=} they are checked at once instead of at the end.
 */
public final class RestPutPart extends BaseRestHandler {
  @Override
  public String getName() {
    return "semlux_put_part";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(PUT, "/_semlux/models/{id}/parts/{part}"));
  }

  @Override
  public boolean mediaTypesValid(RestRequest request) {
    return true;
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    String id = request.param("id");
    String number = request.param("part");
    Optional<String> sha256 = Optional.ofNullable(request.param("sha256"));
    int part;
    try {
      part = Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the part of model ["
              + Excerpt.of(id)
              + "] must be a number, not ["
              + Excerpt.of(number)
              + "]",
          e);
    }
    ReleasableBytesReference data = request.content();
    return channel -> {
      data.mustIncRef();
      client.execute(
          PutPartAction.TYPE,
          new PutPartAction.Request(id, part, sha256, data),
          ActionListener.releaseAfter(new RestToXContentListener<>(channel), data));
    };
  }
}
