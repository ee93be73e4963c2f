package org.semlux.plugin.action;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Undeploys a model, deletes its parts and forgets it, in this order: whatever fails on the way,
 * the model is still known and can be deleted again. One that is in use is refused, 409, unless
 * that is forced: then its aliases go with it. An upload of the same id that begins meanwhile
 * stays: one that is being deleted can neither be gone on with nor be deployed.
 */
public final class DeleteModelAction {
  public static final ActionType<AcknowledgedResponse> TYPE =
      new ActionType<>("cluster:admin/semlux/models/delete");

  private DeleteModelAction() {}

  public static final class Transport
      extends ModelMasterAction<ModelRequest, AcknowledgedResponse> {
    private final ModelUpdates updates;
    private final ModelStore store;

    @Inject
    public Transport(Services services, ModelUpdates updates, ModelStore store) {
      super(TYPE.name(), services, ModelRequest::new, AcknowledgedResponse::readFrom);
      this.updates = updates;
      this.store = store;
    }

    @Override
    protected void masterOperation(
        Task task,
        ModelRequest request,
        ClusterState state,
        ActionListener<AcknowledgedResponse> listener) {
      ModelDefinition model = SemluxMetadata.of(state).require(request.id());
      String what = "delete model [" + request.id() + "]";
      SubscribableListener.<AcknowledgedResponse>newForked(
              l ->
                  updates.submit(
                      what,
                      request,
                      request.unusedCheck(),
                      metadata -> withdraw(metadata, model),
                      l))
          .<Void>andThen((l, undeployed) -> store.deleteUpTo(model, l))
          .<AcknowledgedResponse>andThen(
              (l, deleted) -> updates.submit(what, request, metadata -> forget(metadata, model), l))
          .addListener(listener);
    }

    /**
     * Not deployed, and without its aliases: an upload that takes its place may make other
     * encodings. One that did so meanwhile is not what was to be deleted, here and below.
     */
    private static SemluxMetadata withdraw(SemluxMetadata metadata, ModelDefinition model) {
      ModelDefinition present = metadata.require(model.id());
      return present.sameUpload(model)
          ? metadata.without(model.id()).with(present.withDeleting())
          : metadata;
    }

    private static SemluxMetadata forget(SemluxMetadata metadata, ModelDefinition model) {
      boolean isReplaced = metadata.find(model.id()).filter(m -> !m.sameUpload(model)).isPresent();
      return isReplaced ? metadata : metadata.without(model.id());
    }
  }
}
