package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.GET;
import static org.elasticsearch.rest.RestRequest.Method.POST;

import java.util.List;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.admin.cluster.node.tasks.get.GetTaskResponse;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.tasks.TaskId;
import org.semlux.plugin.reencode.ReencodeTaskAction;
import org.semlux.plugin.reencode.ReencodeTaskRequest;

/**
 * {@code GET /_semlux/_reencode/{index}/{task}} tells of a run what the tasks API would, to those
 * who may read its index; {@code POST …/_cancel} ends it for those who may write it.
 */
public final class RestReencodeTask extends BaseRestHandler {
  private static final String PATH = "/_semlux/_reencode/{index}/{task}";

  @Override
  public String getName() {
    return "semlux_reencode_task";
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(GET, PATH), new Route(POST, PATH + "/_cancel"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    ReencodeTaskRequest run =
        new ReencodeTaskRequest(
            request.param("index"),
            new TaskId(request.param("task")),
            request.paramAsBoolean("wait_for_completion", false),
            request.paramAsTime("timeout", TimeValue.timeValueSeconds(30)));
    ActionType<GetTaskResponse> action =
        request.method() == GET ? ReencodeTaskAction.GET : ReencodeTaskAction.CANCEL;
    return channel -> client.execute(action, run, new RestToXContentListener<>(channel));
  }
}
