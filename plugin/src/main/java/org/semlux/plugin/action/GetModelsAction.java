package org.semlux.plugin.action;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.action.NodeModelsAction.Standing;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelStatus;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.NodeModel;
import org.semlux.plugin.model.PartSet;
import org.semlux.plugin.model.SemluxMetadata;

/** Tells where models stand: what was uploaded, how far each node is. Asks no other node. */
public final class GetModelsAction {
  public static final ActionType<Response> TYPE =
      new ActionType<>("cluster:monitor/semlux/models/get");

  /** A node that takes longer counts as one that gives no answer. */
  private static final TimeValue TIMEOUT = TimeValue.timeValueSeconds(10);

  private GetModelsAction() {}

  public static final class Request extends UntypedActionRequest {
    private final Optional<String> id;

    /**
     * @param id of the one model that is asked for, or an alias of it; empty for all
     */
    public Request(Optional<String> id) {
      this.id = id;
    }

    @Override
    public void writeTo(StreamOutput out) {
      TransportAction.localOnly();
    }

    @Override
    public ActionRequestValidationException validate() {
      return null;
    }
  }

  public static final class Response extends ActionResponse implements ToXContentObject {
    private final List<ModelStatus> models;

    Response(List<ModelStatus> models) {
      this.models = List.copyOf(models);
    }

    /** In the order of their ids. */
    public List<ModelStatus> models() {
      return models;
    }

    @Override
    public void writeTo(StreamOutput out) {
      TransportAction.localOnly();
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      return builder.startObject().xContentList("models", models).endObject();
    }
  }

  public static final class Transport extends TransportAction<Request, Response> {
    private final ClusterService clusterService;
    private final ModelStore store;
    private final Client client;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ClusterService clusterService,
        ThreadPool threadPool,
        ModelStore store,
        Client client) {
      super(
          TYPE.name(),
          actionFilters,
          transportService.getTaskManager(),
          threadPool.executor(ThreadPool.Names.MANAGEMENT));
      this.clusterService = clusterService;
      this.store = store;
      this.client = client;
    }

    @Override
    protected void doExecute(Task task, Request request, ActionListener<Response> listener) {
      ClusterState state = clusterService.state();
      state.blocks().globalBlockedRaiseException(ClusterBlockLevel.METADATA_READ);
      SemluxMetadata metadata = SemluxMetadata.of(state);
      Collection<ModelDefinition> asked =
          request.id.isPresent()
              ? List.of(metadata.require(metadata.resolve(request.id.get())))
              : metadata.models().values();
      NodeModelsAction.ask(
          client,
          TIMEOUT,
          listener.delegateFailureAndWrap((l, nodes) -> addParts(metadata, asked, nodes, l)));
    }

    /** A deployed model has all of its parts; of the others the store knows. */
    private void addParts(
        SemluxMetadata metadata,
        Collection<ModelDefinition> asked,
        NodeModelsAction.Response nodes,
        ActionListener<Response> listener) {
      Map<String, PartSet> received = new ConcurrentHashMap<>();
      ActionListener<Void> whenAll =
          listener.map(
              done ->
                  new Response(
                      asked.stream()
                          .map(model -> status(metadata, model, received.get(model.id()), nodes))
                          .toList()));
      try (RefCountingListener all = new RefCountingListener(whenAll)) {
        for (ModelDefinition model : asked) {
          if (model.deployed()) {
            received.put(model.id(), PartSet.all(model.manifest().parts()));
          } else {
            store.received(model, all.acquire(parts -> received.put(model.id(), parts)));
          }
        }
      }
    }

    private ModelStatus status(
        SemluxMetadata metadata,
        ModelDefinition model,
        PartSet received,
        NodeModelsAction.Response answer) {
      Map<String, NodeModel> nodes = new TreeMap<>();
      Map<String, String> names = new TreeMap<>();
      if (model.deployed()) {
        for (Standing each : answer.standings(model, clusterService.state().nodes())) {
          nodes.put(each.node().getId(), each.status());
          names.put(each.node().getId(), each.node().getName());
        }
      }
      return new ModelStatus(model, metadata.aliasesOf(model.id()), received, nodes, names);
    }
  }
}
