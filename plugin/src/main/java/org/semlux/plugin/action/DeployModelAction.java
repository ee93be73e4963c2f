package org.semlux.plugin.action;

import java.io.IOException;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.PartSet;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Has every enabled node load a model, and waits for them. Answers when all have; fails when one
 * cannot, with its reason, or when the request's time is over or its task is cancelled, and then
 * loading goes on.
 */
public final class DeployModelAction {
  public static final ActionType<Response> TYPE =
      new ActionType<>("cluster:admin/semlux/models/deploy");

  private DeployModelAction() {}

  /** Every enabled node has the model; {@code took} is the time in milliseconds that it needed. */
  public static final class Response extends ActionResponse implements ToXContentObject {
    private final String modelId;
    private final long tookMillis;

    Response(String modelId, long tookMillis) {
      this.modelId = modelId;
      this.tookMillis = tookMillis;
    }

    Response(StreamInput in) throws IOException {
      this(in.readString(), in.readVLong());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeString(modelId);
      out.writeVLong(tookMillis);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      return builder
          .startObject()
          .field("acknowledged", true)
          .field("model_id", modelId)
          .field("state", ModelState.DEPLOYED.toString())
          .field("took", tookMillis)
          .endObject();
    }
  }

  public static final class Transport extends ModelMasterAction<ModelRequest, Response> {
    private final ModelUpdates updates;
    private final ModelStore store;
    private final Client client;

    @Inject
    public Transport(Services services, ModelUpdates updates, ModelStore store, Client client) {
      super(TYPE.name(), services, ModelRequest::new, Response::new);
      this.updates = updates;
      this.store = store;
      this.client = client;
    }

    @Override
    protected void masterOperation(
        Task task, ModelRequest request, ClusterState state, ActionListener<Response> listener) {
      long start = threadPool.relativeTimeInMillis();
      ModelDefinition model = SemluxMetadata.of(state).require(request.id());
      CancellableTask waiting = (CancellableTask) task;
      SubscribableListener<Void> ended = new SubscribableListener<>();
      // At any step: even the state's change waits for nodes that hang.
      waiting.addListener(() -> waiting.notifyIfCancelled(ended));
      SubscribableListener.<Void>newForked(l -> checkComplete(model, l))
          .<AcknowledgedResponse>andThen(
              l ->
                  updates.submit(
                      "deploy model [" + request.id() + "]",
                      request,
                      metadata -> deploy(metadata, model),
                      l))
          .<Void>andThen(
              (l, applied) ->
                  new DeploymentWait(
                          client,
                          clusterService,
                          model,
                          applied.isAcknowledged(),
                          start,
                          request.ackTimeout(),
                          waiting,
                          l)
                      .ask())
          .addListener(ended);
      ended.addListener(
          listener.map(
              done -> new Response(request.id(), threadPool.relativeTimeInMillis() - start)),
          EsExecutors.DIRECT_EXECUTOR_SERVICE,
          threadPool.getThreadContext());
    }

    private void checkComplete(ModelDefinition model, ActionListener<Void> listener) {
      if (model.deployed()) {
        listener.onResponse(null);
        return;
      }
      model.requireKept();
      store.received(
          model,
          listener.map(
              received -> {
                int expected = model.manifest().parts();
                PartSet missing = received.missingOf(expected);
                if (missing.count() > 0) {
                  throw new ElasticsearchStatusException(
                      "model [{}] is not complete: {} of {} parts are missing ({}); send them with"
                          + " PUT /_semlux/models/{}/parts/<number>",
                      RestStatus.CONFLICT,
                      model.id(),
                      missing.count(),
                      expected,
                      missing,
                      model.id());
                }
                return null;
              }));
    }

    private static SemluxMetadata deploy(SemluxMetadata metadata, ModelDefinition checked) {
      ModelDefinition present = metadata.require(checked.id());
      if (!present.sameUpload(checked)) {
        throw new ElasticsearchStatusException(
            "model [{}] was replaced while it was being deployed",
            RestStatus.CONFLICT,
            checked.id());
      }
      present.requireKept();
      return metadata.with(present.withDeployed(true));
    }
  }
}
