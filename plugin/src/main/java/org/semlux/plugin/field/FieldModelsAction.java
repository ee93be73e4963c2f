package org.semlux.plugin.field;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.action.support.broadcast.BaseBroadcastResponse;
import org.elasticsearch.action.support.broadcast.BroadcastRequest;
import org.elasticsearch.action.support.broadcast.BroadcastShardRequest;
import org.elasticsearch.action.support.broadcast.BroadcastShardResponse;
import org.elasticsearch.action.support.broadcast.TransportBroadcastAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.block.ClusterBlockException;
import org.elasticsearch.cluster.block.ClusterBlockLevel;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.routing.ShardIterator;
import org.elasticsearch.cluster.routing.ShardRouting;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.index.engine.Engine;
import org.elasticsearch.index.shard.IndexShard;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;

/**
 * Asks the shards of an index which models the documents of a field name: all documents, whatever a
 * user may see of them and whether a search would show them yet. For the server itself alone.
 */
public final class FieldModelsAction {
  public static final ActionType<Response> TYPE = new ActionType<>("internal:semlux/field/models");

  private FieldModelsAction() {}

  /**
   * Asks as the server itself and answers in the caller's own thread context.
   *
   * @param field the path of a {@code semlux_text} field
   */
  static void ask(Client client, String index, String field, ActionListener<Response> listener) {
    ThreadContext context = client.threadPool().getThreadContext();
    var asker = ContextPreservingActionListener.wrapPreservingContext(listener, context);
    ThreadContext.StoredContext before = context.newEmptySystemContext();
    try {
      client.execute(TYPE, new Request(index, field), asker);
    } finally {
      before.restore();
    }
  }

  static final class Request extends BroadcastRequest<Request> {
    private final String field;

    Request(String index, String field) {
      super(index);
      this.field = field;
    }
  }

  /** A shard's part of the question. */
  static final class ShardRequest extends BroadcastShardRequest {
    private final String field;

    ShardRequest(ShardRouting shard, Request request) {
      super(shard.shardId(), request);
      this.field = request.field;
    }

    ShardRequest(StreamInput in) throws IOException {
      super(in);
      field = in.readString();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(field);
    }
  }

  static final class ShardResponse extends BroadcastShardResponse {
    private final Collection<String> models;

    ShardResponse(ShardRequest request, Collection<String> models) {
      super(request.shardId());
      this.models = models;
    }

    ShardResponse(StreamInput in) throws IOException {
      super(in);
      models = in.readStringCollectionAsList();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeStringCollection(models);
    }
  }

  /** What all shards said; it never leaves the node that asked. */
  static final class Response extends BaseBroadcastResponse {
    private final Set<String> models;

    private Response(int shards, int answered, Set<String> models) {
      super(shards, answered, shards - answered, List.of());
      this.models = models;
    }

    /** Whether no document can name this model: every shard was asked, and none does. */
    boolean isWithout(String model) {
      boolean complete = getSuccessfulShards() > 0 && getFailedShards() == 0;
      return complete && !models.contains(model);
    }

    @Override
    public void writeTo(StreamOutput out) {
      TransportAction.localOnly();
    }
  }

  public static final class Transport
      extends TransportBroadcastAction<Request, Response, ShardRequest, ShardResponse> {
    private final IndicesService indices;

    @Inject
    public Transport(
        ClusterService clusterService,
        TransportService transportService,
        ActionFilters actionFilters,
        IndexNameExpressionResolver names,
        IndicesService indices) {
      super(
          TYPE.name(),
          clusterService,
          transportService,
          actionFilters,
          names,
          in -> TransportAction.localOnly(),
          ShardRequest::new,
          transportService.getThreadPool().executor(ThreadPool.Names.MANAGEMENT));
      this.indices = indices;
    }

    /** Primaries: a copy may lack what was written a moment ago. */
    @Override
    protected List<? extends ShardIterator> shards(
        ClusterState state, Request request, String[] concreteIndices) {
      return state
          .routingTable(Metadata.DEFAULT_PROJECT_ID)
          .activePrimaryShardsGrouped(concreteIndices, true);
    }

    @Override
    protected ShardRequest newShardRequest(int count, ShardRouting shard, Request request) {
      return new ShardRequest(shard, request);
    }

    @Override
    protected ShardResponse shardOperation(ShardRequest request, Task task) throws IOException {
      IndexShard shard =
          indices.indexServiceSafe(request.shardId().getIndex()).getShard(request.shardId().id());
      shard.refresh("semlux");
      try (Engine.Searcher searcher = shard.acquireSearcher("semlux")) {
        String named = request.field + "." + ChunkFields.MODEL;
        return new ShardResponse(
            request,
            DocumentModels.in(searcher.getDirectoryReader(), named, any -> false).keySet());
      }
    }

    @Override
    protected ShardResponse readShardResponse(StreamInput in) throws IOException {
      return new ShardResponse(in);
    }

    @Override
    protected Response newResponse(
        Request request, AtomicReferenceArray<?> shards, ClusterState state) {
      Set<String> models = new TreeSet<>();
      int answered = 0;
      for (int i = 0; i < shards.length(); i++) {
        if (shards.get(i) instanceof ShardResponse shard) {
          models.addAll(shard.models);
          answered++;
        }
      }
      return new Response(shards.length(), answered, models);
    }

    @Override
    protected ClusterBlockException checkGlobalBlock(ClusterState state, Request request) {
      return state
          .blocks()
          .globalBlockedException(Metadata.DEFAULT_PROJECT_ID, ClusterBlockLevel.READ);
    }

    @Override
    protected ClusterBlockException checkRequestBlock(
        ClusterState state, Request request, String[] concreteIndices) {
      return state
          .blocks()
          .indicesBlockedException(
              Metadata.DEFAULT_PROJECT_ID, ClusterBlockLevel.READ, concreteIndices);
    }
  }
}
