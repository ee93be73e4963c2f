package org.semlux.plugin.action;

import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Undeploys a model, deletes its parts and forgets it, in this order: whatever fails on the way,
 * the model is still known and can be deleted again. One that aliases point to is in use: 409.
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
      String what = "delete model [" + request.id() + "]";
      SubscribableListener.<AcknowledgedResponse>newForked(
              l -> updates.submit(what, request, metadata -> withdraw(metadata, request.id()), l))
          .<Void>andThen((l, undeployed) -> store.deleteAll(request.id(), l))
          .<AcknowledgedResponse>andThen(
              (l, deleted) ->
                  updates.submit(what, request, metadata -> metadata.without(request.id()), l))
          .addListener(listener);
    }

    private static SemluxMetadata withdraw(SemluxMetadata metadata, String id) {
      ModelDefinition model = metadata.require(id);
      List<String> aliases = metadata.aliasesOf(id);
      if (!aliases.isEmpty()) {
        throw new ElasticsearchStatusException(
            "model [{}] has the aliases {}: point them to another model, or delete them, first",
            RestStatus.CONFLICT,
            id,
            aliases);
      }
      return metadata.with(model.withDeployed(false));
    }
  }
}
