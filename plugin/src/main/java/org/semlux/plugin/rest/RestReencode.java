package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;
import static org.elasticsearch.xcontent.ConstructingObjectParser.constructorArg;
import static org.elasticsearch.xcontent.ConstructingObjectParser.optionalConstructorArg;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.tasks.LoggingTaskListener;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.xcontent.ConstructingObjectParser;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.model.WholeNumber;
import org.semlux.plugin.reencode.ReencodeAction;
import org.semlux.plugin.reencode.ReencodeRequest;
import org.semlux.plugin.reencode.ReencodeResponse;

/**
 * {@code POST /_semlux/_reencode}: by a pipeline, or without one the index's own fields. With
 * {@code wait_for_completion=false} it answers with a task, see {@link RestReencodeTask}.
 */
public final class RestReencode extends BaseRestHandler {
  private static final ConstructingObjectParser<ReencodeRequest, Boolean> PARSER =
      new ConstructingObjectParser<>("reencode", false, RestReencode::fromParsed);

  static {
    PARSER.declareString(constructorArg(), new ParseField("index"));
    PARSER.declareString(optionalConstructorArg(), new ParseField("pipeline"));
    PARSER.declareFloat(optionalConstructorArg(), new ParseField("requests_per_second"));
    WholeNumber.declareInt(PARSER, optionalConstructorArg(), new ParseField("batch_size"));
  }

  private static ReencodeRequest fromParsed(Object[] values, boolean wait) {
    return new ReencodeRequest(
        (String) values[0],
        (String) values[1],
        values[2] == null ? Float.POSITIVE_INFINITY : (Float) values[2],
        values[3] == null ? ReencodeRequest.DEFAULT_BATCH_SIZE : (Integer) values[3],
        !wait);
  }

  @Override
  public String getName() {
    return "semlux_reencode";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(POST, "/_semlux/_reencode"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client)
      throws IOException {
    boolean wait = request.paramAsBoolean("wait_for_completion", true);
    ReencodeRequest reencode = RequestBody.read(request, parser -> PARSER.apply(parser, wait));
    if (wait) {
      return channel ->
          client.execute(ReencodeAction.TYPE, reencode, new RestToXContentListener<>(channel));
    }
    var problem = reencode.validate();
    if (problem != null) {
      throw problem;
    }
    return channel -> {
      SubscribableListener<ReencodeResponse> ended = new SubscribableListener<>();
      Task task = client.executeLocally(ReencodeAction.TYPE, reencode, ended);
      ended.addListener(new LoggingTaskListener<>(task));
      try (XContentBuilder builder = channel.newBuilder()) {
        builder.startObject();
        builder.field("task", client.getLocalNodeId() + ":" + task.getId());
        builder.endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, builder));
      }
    };
  }
}
