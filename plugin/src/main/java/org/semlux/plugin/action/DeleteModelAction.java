package org.semlux.plugin.action;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Undeploys a model, deletes its parts and forgets it, in this order: whatever fails on the way,
 * the model is still known and can be deleted again. One that is in use is refused, 409, unless
 * that is forced: then its aliases go with it.
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
      SemluxMetadata.of(state).require(request.id());
      String what = "delete model [" + request.id() + "]";
      SubscribableListener.<AcknowledgedResponse>newForked(
              l ->
                  updates.submit(
                      what,
                      request,
                      request::requireUnused,
                      metadata -> withdraw(metadata, request.id()),
                      l))
          .<Void>andThen((l, undeployed) -> store.deleteAll(request.id(), l))
          .<AcknowledgedResponse>andThen(
              (l, deleted) ->
                  updates.submit(what, request, metadata -> metadata.without(request.id()), l))
          .addListener(listener);
    }

    private static SemluxMetadata withdraw(SemluxMetadata metadata, String id) {
      return metadata.with(metadata.require(id).withDeployed(false));
    }
  }
}
