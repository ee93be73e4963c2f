package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ResourceNotFoundException;
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
import org.semlux.plugin.action.NodeModelsAction.Standing;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelUpdates;
import org.semlux.plugin.model.ModelUses;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Points an alias to a model, or deletes it. Pipelines and searches that name the alias use the new
 * model from their next text on. A node that has not loaded it has others answer, so that few may
 * come to do the work of all: that has to be forced, and needs one that has.
 */
public final class UpdateAliasAction {
  public static final ActionType<AcknowledgedResponse> TYPE =
      new ActionType<>("cluster:admin/semlux/aliases/update");

  private UpdateAliasAction() {}

  public static final class Request extends AcknowledgedRequest<Request> {
    private final String alias;
    private final Optional<String> modelId;
    private final boolean force;

    /**
     * @param modelId what the alias is to stand for; empty to delete it
     * @throws IllegalArgumentException for an alias that could be no model's id
     */
    public Request(
        TimeValue masterTimeout, TimeValue timeout, String alias, Optional<String> modelId) {
      this(masterTimeout, timeout, alias, modelId, false);
    }

    /**
     * @param force whether what names the alias may be left without a model, with one whose answers
     *     do not fit, or with one that nodes lack
     */
    public Request(
        TimeValue masterTimeout,
        TimeValue timeout,
        String alias,
        Optional<String> modelId,
        boolean force) {
      super(masterTimeout, timeout);
      ModelDefinition.checkId(alias);
      this.alias = alias;
      this.modelId = modelId;
      this.force = force;
    }

    public Request(StreamInput in) throws IOException {
      super(in);
      alias = in.readString();
      modelId = Optional.ofNullable(in.readOptionalString());
      force = in.available() > 0 && in.readBoolean(); // builds before it had no such flag
    }

    public String alias() {
      return alias;
    }

    public Optional<String> modelId() {
      return modelId;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(alias);
      out.writeOptionalString(modelId.orElse(null));
      if (force) {
        out.writeBoolean(true);
      }
    }

    @Override
    public String getDescription() {
      return "alias [" + alias + "]";
    }

    /**
     * Makes the change.
     *
     * @throws ResourceNotFoundException when the model, or the alias to delete, does not exist
     * @throws ElasticsearchStatusException when the model is not deployed (409), or the alias is
     *     the id of a model (400)
     */
    SemluxMetadata applyTo(SemluxMetadata metadata) {
      if (modelId.isEmpty()) {
        if (!metadata.aliases().containsKey(alias)) {
          throw new ResourceNotFoundException("there is no alias [{}]", alias);
        }
        return metadata.withoutAlias(alias);
      }
      if (metadata.find(alias).isPresent()) {
        throw new ElasticsearchStatusException(
            "[{}] is the id of a model: choose another alias", RestStatus.BAD_REQUEST, alias);
      }
      ModelDefinition model = metadata.require(modelId.get());
      if (!model.deployed()) {
        throw new ElasticsearchStatusException(
            "model [{}] is not deployed: deploy it before [{}] points to it",
            RestStatus.CONFLICT,
            model.id(),
            alias);
      }
      return metadata.withAlias(alias, model.id());
    }
  }

  public static final class Transport extends ModelMasterAction<Request, AcknowledgedResponse> {
    private final ModelUpdates updates;
    private final Client client;

    @Inject
    public Transport(Services services, ModelUpdates updates, Client client) {
      super(TYPE.name(), services, Request::new, AcknowledgedResponse::readFrom);
      this.updates = updates;
      this.client = client;
    }

    @Override
    protected void masterOperation(
        Task task,
        Request request,
        ClusterState state,
        ActionListener<AcknowledgedResponse> listener) {
      SemluxMetadata metadata = request.applyTo(SemluxMetadata.of(state)); // says what is wrong
      String what =
          request
              .modelId
              .map(id -> "point alias [" + request.alias + "] to model [" + id + "]")
              .orElse("delete alias [" + request.alias + "]");
      if (request.modelId.isEmpty()) {
        ModelUses uses = new ModelUses();
        Consumer<ClusterState> check =
            request.force ? any -> {} : any -> uses.requireNoneOfAlias(any, request.alias);
        updates.submit(what, request, check, request::applyTo, listener);
        return;
      }
      ModelDefinition model = metadata.require(request.modelId.get());
      NodeModelsAction.ask(
          client,
          request.ackTimeout(),
          listener.delegateFailureAndWrap(
              (l, nodes) -> {
                if (!request.force) { // first, so that who forces a move has seen what fits
                  requireFitting(state, request.alias, model, nodes);
                }
                requireLoaded(request, model, nodes);
                updates.submit(what, request, request::applyTo, l);
              }));
    }

    /** What names the alias would be answered by another kind of encoding from now on. */
    private static void requireFitting(
        ClusterState state, String alias, ModelDefinition model, NodeModelsAction.Response nodes) {
      SemluxMetadata metadata = SemluxMetadata.of(state);
      Optional<String> before =
          Optional.ofNullable(metadata.aliases().get(alias))
              .flatMap(metadata::find)
              .flatMap(former -> encoding(former, nodes));
      Optional<String> now = encoding(model, nodes);
      if (before.isEmpty() || now.isEmpty() || before.equals(now)) {
        return;
      }
      List<String> uses = new ModelUses().of(state, Set.of(alias));
      if (!uses.isEmpty()) {
        throw new ElasticsearchStatusException(
            "alias [{}] stands for {}, model [{}] for {}, and it is in use by {}: choose another"
                + " alias, or ask with force=true",
            RestStatus.CONFLICT,
            alias,
            before.get(),
            model.id(),
            now.get(),
            String.join(" and ", uses));
      }
    }

    /** What a model makes of a text; empty where no node has loaded it. */
    private static Optional<String> encoding(
        ModelDefinition model, NodeModelsAction.Response nodes) {
      return nodes.getNodes().stream()
          .flatMap(node -> node.status(model).stream())
          .flatMap(status -> status.shape().stream())
          .map(shape -> shape.kind() + " encodings of " + shape.dimensions() + " dimensions")
          .findFirst();
    }

    private void requireLoaded(
        Request request, ModelDefinition model, NodeModelsAction.Response answer) {
      List<Standing> all = answer.standings(model, clusterService.state().nodes());
      List<Standing> lacking = all.stream().filter(node -> !node.is(ModelState.DEPLOYED)).toList();
      if (lacking.size() == all.size()) {
        throw new ElasticsearchStatusException(
            "no node has loaded model [{}] yet: see GET /_semlux/models/{}",
            RestStatus.CONFLICT,
            model.id(),
            model.id());
      }
      if (!lacking.isEmpty() && !request.force) {
        throw new ElasticsearchStatusException(
            "{} of {} nodes have not loaded model [{}]: {}; wait for its deployment, or ask with"
                + " force=true to have the others answer for them",
            RestStatus.CONFLICT,
            lacking.size(),
            all.size(),
            model.id(),
            Standing.all(lacking));
      }
    }
  }
}
