package org.semlux.plugin.action;

import java.io.IOException;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelManifest;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Begins an upload. The same manifest again changes nothing, so that an upload that broke off can
 * go on; another one begins anew and drops the parts of the former, and so does the same where that
 * is being deleted. A deployed model's cannot be replaced.
 */
public final class PutModelAction {
  public static final ActionType<AcknowledgedResponse> TYPE =
      new ActionType<>("cluster:admin/semlux/models/put");

  private static final Logger LOGGER = LogManager.getLogger(PutModelAction.class);

  private PutModelAction() {}

  public static final class Request extends AcknowledgedRequest<Request> {
    private final String id;
    private final ModelManifest manifest;

    /**
     * @throws IllegalArgumentException for a bad id
     */
    public Request(TimeValue masterTimeout, TimeValue timeout, String id, ModelManifest manifest) {
      super(masterTimeout, timeout);
      ModelDefinition.checkId(id);
      this.id = id;
      this.manifest = manifest;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      id = in.readString();
      manifest = new ModelManifest(in);
      manifest.requireSmall();
    }

    public String id() {
      return id;
    }

    public ModelManifest manifest() {
      return manifest;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(id);
      manifest.writeTo(out);
    }
  }

  public static final class Transport extends ModelMasterAction<Request, AcknowledgedResponse> {
    private final ModelUpdates updates;
    private final ModelStore store;
    private final Client client;

    @Inject
    public Transport(Services services, ModelUpdates updates, ModelStore store, Client client) {
      super(TYPE.name(), services, Request::new, AcknowledgedResponse::readFrom);
      this.updates = updates;
      this.store = store;
      this.client = client;
    }

    @Override
    protected void masterOperation(
        Task task,
        Request request,
        ClusterState state,
        ActionListener<AcknowledgedResponse> listener) {
      NodesWithoutPlugin.requireNone(
          client,
          state.nodes(),
          request.ackTimeout(),
          listener.delegateFailureAndWrap((l, v) -> update(request, state, l)));
    }

    private void update(
        Request request, ClusterState state, ActionListener<AcknowledgedResponse> listener) {
      boolean replaces = SemluxMetadata.of(state).find(request.id()).isPresent();
      updates.submit(
          "put model [" + request.id() + "]",
          request,
          metadata -> put(metadata, request, threadPool.absoluteTimeInMillis()),
          replaces ? listener.delegateFailure((l, r) -> dropFormer(request.id(), r, l)) : listener);
    }

    private static SemluxMetadata put(SemluxMetadata metadata, Request request, long nowMillis) {
      String aliased = metadata.aliases().get(request.id());
      if (aliased != null) {
        throw new ElasticsearchStatusException(
            "[{}] is an alias of model [{}]: choose another id",
            RestStatus.BAD_REQUEST,
            request.id(),
            aliased);
      }
      Optional<ModelDefinition> former = metadata.find(request.id());
      if (former.isPresent()
          && former.get().manifest().equals(request.manifest())
          && !former.get().deleting()) {
        return metadata;
      }
      if (former.isPresent() && former.get().deployed()) {
        throw new ElasticsearchStatusException(
            "model [{}] is deployed with other files or options: undeploy it before replacing it",
            RestStatus.CONFLICT,
            request.id());
      }
      return metadata.put(request.id(), request.manifest(), nowMillis);
    }

    /** What is left by a failure here goes when the model is replaced again or deleted. */
    private void dropFormer(
        String id, AcknowledgedResponse response, ActionListener<AcknowledgedResponse> listener) {
      Optional<ModelDefinition> present = SemluxMetadata.of(clusterService.state()).find(id);
      if (present.isEmpty()) {
        listener.onResponse(response);
        return;
      }
      store.deleteBefore(
          present.get(),
          ActionListener.wrap(
              done -> listener.onResponse(response),
              e -> {
                LOGGER.warn("parts of a former upload of model [{}] are left", id, e);
                listener.onResponse(response);
              }));
    }
  }
}
