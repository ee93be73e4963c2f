package org.semlux.plugin.reencode;

import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.project.ProjectResolver;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.plugins.FieldPredicate;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;

/**
 * Refuses a run to a user from whom field level security hides any field: to that user documents
 * come without what is hidden, mapped or not, and would be written again without it.
 *
 * <p>An action, and one that reads, because fields are hidden from an action: the roles that let a
 * user read need not be those that let that user write. It stays on the node that runs it.
 */
public final class HiddenFields {
  public static final ActionType<ActionResponse.Empty> TYPE =
      new ActionType<>("indices:data/read/semlux/reencode/fields");

  private HiddenFields() {}

  /**
   * @param asUser asks as the user
   * @param listener fails with 403 where fields are hidden
   */
  static void refuse(Client asUser, String index, ActionListener<Void> listener) {
    asUser.execute(TYPE, new Request(index), listener.map(seen -> null));
  }

  static final class Request extends OneIndexRequest {
    Request(String index) {
      super(index);
    }

    @Override
    public void writeTo(StreamOutput out) {
      TransportAction.localOnly();
    }
  }

  public static final class Transport extends TransportAction<Request, ActionResponse.Empty> {
    private final ClusterService clusterService;
    private final IndexNameExpressionResolver names;
    private final ProjectResolver projects;
    private final IndicesService indices;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ClusterService clusterService,
        IndexNameExpressionResolver names,
        ProjectResolver projects,
        IndicesService indices) {
      super(
          TYPE.name(),
          actionFilters,
          transportService.getTaskManager(),
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.clusterService = clusterService;
      this.names = names;
      this.projects = projects;
      this.indices = indices;
    }

    @Override
    protected void doExecute(
        Task task, Request request, ActionListener<ActionResponse.Empty> listener) {
      ActionListener.completeWith(
          listener,
          () -> {
            var project = projects.getProjectMetadata(clusterService.state());
            for (String index : names.concreteIndexNames(project, request)) {
              if (indices.getFieldFilter().apply(index) != FieldPredicate.ACCEPT_ALL) {
                throw new ElasticsearchStatusException(
                    "field level security hides fields of index [{}] from you, and documents"
                        + " written again would lose them: have a user ask who sees all fields",
                    RestStatus.FORBIDDEN,
                    index);
              }
            }
            return ActionResponse.Empty.INSTANCE;
          });
    }
  }
}
