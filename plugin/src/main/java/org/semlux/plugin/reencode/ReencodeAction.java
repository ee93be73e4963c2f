package org.semlux.plugin.reencode;

import java.util.List;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.ParentTaskAssigningClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.cluster.project.ProjectResolver;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.index.Index;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.ingest.Pipeline;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;
import org.semlux.plugin.field.Former;
import org.semlux.plugin.field.TextFields;
import org.semlux.plugin.mapping.KeptSource;

/**
 * Sends the documents of an index through a pipeline once more, or encodes the index's own {@code
 * semlux_text} fields anew: those documents alone whose encodings are not yet what the models and
 * options named now make of their texts: so a run that was interrupted, by whatever, goes on where
 * it stopped when it is asked for again. Runs as the user who asks, who needs {@code read} and
 * {@code write} on the index. Nothing is written where documents could lose by it.
 */
public final class ReencodeAction {
  public static final ActionType<ReencodeResponse> TYPE =
      new ActionType<>("indices:data/write/semlux/reencode");

  private ReencodeAction() {}

  /** Starts a run and returns. */
  public static final class Transport
      extends HandledTransportAction<ReencodeRequest, ReencodeResponse> {
    private final ClusterService clusterService;
    private final IngestService ingestService;
    private final IndexNameExpressionResolver names;
    private final ProjectResolver projects;
    private final TextFields textFields;
    private final Client client;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ClusterService clusterService,
        IngestService ingestService,
        IndexNameExpressionResolver names,
        ProjectResolver projects,
        TextFields textFields,
        Client client) {
      super(
          TYPE.name(),
          transportService,
          actionFilters,
          ReencodeRequest::new,
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.clusterService = clusterService;
      this.ingestService = ingestService;
      this.names = names;
      this.projects = projects;
      this.textFields = textFields;
      this.client = client;
    }

    @Override
    protected void doExecute(
        Task task, ReencodeRequest request, ActionListener<ReencodeResponse> listener) {
      ActionListener.run(
          listener,
          l -> {
            ClusterState state = clusterService.state();
            state.blocks().globalBlockedRaiseException(ClusterBlockLevel.METADATA_READ);
            PipelineFields fields =
                request.pipeline() == null
                    ? PipelineFields.NONE
                    : PipelineFields.of(pipeline(request.pipeline()));
            UnkeptOutputs unkept = new UnkeptOutputs();
            ProjectMetadata project = projects.getProjectMetadata(state);
            Index[] indices = names.concreteIndices(project, request);
            for (Index index : indices) {
              KeptSource source = new KeptSource(project.getIndexSafe(index));
              unkept.add(index.getName(), source, fields);
            }
            var asUser = new ParentTaskAssigningClient(client, clusterService.localNode(), task);
            var ended = l;
            Checks checks;
            if (request.pipeline() == null) {
              textFields.requireAny(List.of(indices));
              checks = new FieldChecks(client.threadPool(), textFields);
              Former former = textFields.former(client, List.of(indices));
              ended = l.delegateFailureAndWrap((last, r) -> retire(former, r, last));
            } else {
              checks =
                  new DocumentChecks(
                      client.threadPool(), () -> pipeline(request.pipeline()), unkept);
            }
            var run = new Reencoding(asUser, request, (ReencodeTask) task, checks);
            HiddenFields.refuse(
                asUser,
                request.index(),
                ended.delegateFailureAndWrap((started, unused) -> run.start(started)));
          });
    }

    /** Behind a run that left nothing behind, the mapping names the models before no more. */
    private static void retire(
        Former former, ReencodeResponse response, ActionListener<ReencodeResponse> listener) {
      if (response.status().failed() > 0) {
        listener.onResponse(response);
      } else {
        former.retire(listener.map(retired -> response));
      }
    }

    private Pipeline pipeline(String id) {
      Pipeline pipeline = ingestService.getPipeline(id);
      if (pipeline == null) {
        throw new ResourceNotFoundException("there is no pipeline [{}]", id);
      }
      return pipeline;
    }
  }
}
