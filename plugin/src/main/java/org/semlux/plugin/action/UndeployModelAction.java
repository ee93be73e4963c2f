package org.semlux.plugin.action;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Has every node close a model; its parts stay, and the nodes' copies too. One that is in use is
 * refused, 409, unless forced: then its aliases stay and do not answer until it is deployed again.
 */
public final class UndeployModelAction {
  public static final ActionType<AcknowledgedResponse> TYPE =
      new ActionType<>("cluster:admin/semlux/models/undeploy");

  private UndeployModelAction() {}

  public static final class Transport
      extends ModelMasterAction<ModelRequest, AcknowledgedResponse> {
    private final ModelUpdates updates;

    @Inject
    public Transport(Services services, ModelUpdates updates) {
      super(TYPE.name(), services, ModelRequest::new, AcknowledgedResponse::readFrom);
      this.updates = updates;
    }

    @Override
    protected void masterOperation(
        Task task,
        ModelRequest request,
        ClusterState state,
        ActionListener<AcknowledgedResponse> listener) {
      SemluxMetadata.of(state).require(request.id());
      updates.submit(
          "undeploy model [" + request.id() + "]",
          request,
          request.unusedCheck(),
          metadata -> metadata.with(metadata.require(request.id()).withDeployed(false)),
          listener);
    }
  }
}
