package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.FailedNodeException;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.nodes.BaseNodeResponse;
import org.elasticsearch.cluster.ClusterName;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.ToXContentFragment;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.plugin.model.NodeModels;
import org.semlux.plugin.query.QueryCacheStats;
import org.semlux.plugin.query.QueryEncodings;

/** Tells what each model has done on each node since it was loaded there. */
public final class StatsAction {
  public static final ActionType<Response> TYPE = new ActionType<>("cluster:monitor/semlux/stats");

  private StatsAction() {}

  public static final class NodeResponse extends BaseNodeResponse {
    private final boolean enabled;
    private final long memoryLimit;
    private final long reserved;
    private final Map<String, ModelStats> models;
    private final QueryCacheStats queryCache;

    NodeResponse(
        DiscoveryNode node,
        boolean enabled,
        long memoryLimit,
        long reserved,
        Map<String, ModelStats> models,
        QueryCacheStats queryCache) {
      super(node);
      this.enabled = enabled;
      this.memoryLimit = memoryLimit;
      this.reserved = reserved;
      this.models = models;
      this.queryCache = queryCache;
    }

    NodeResponse(StreamInput in, DiscoveryNode node) throws IOException {
      super(in, node);
      enabled = in.readBoolean();
      memoryLimit = in.readVLong();
      reserved = in.readVLong();
      models = in.readOrderedMap(StreamInput::readString, ModelStats::new);
      queryCache = new QueryCacheStats(in);
    }

    /** Bytes outside of the heap that all models may hold. */
    public long memoryLimit() {
      return memoryLimit;
    }

    /** Bytes outside of the heap that models hold. */
    public long reserved() {
      return reserved;
    }

    /** What each loaded model has done, by its id. */
    public Map<String, ModelStats> models() {
      return models;
    }

    /** What the cache of query encodings has done. */
    public QueryCacheStats queryCache() {
      return queryCache;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeBoolean(enabled);
      out.writeVLong(memoryLimit);
      out.writeVLong(reserved);
      out.writeMap(models, StreamOutput::writeWriteable);
      queryCache.writeTo(out);
    }

    void toXContent(XContentBuilder builder) throws IOException {
      builder.startObject(getNode().getId()).field("name", getNode().getName());
      builder.field("enabled", enabled);
      builder
          .startObject("memory")
          .field("limit_in_bytes", memoryLimit)
          .field("reserved_in_bytes", reserved)
          .endObject()
          .startObject("models");
      for (Map.Entry<String, ModelStats> model : models.entrySet()) {
        builder.field(model.getKey(), model.getValue());
      }
      builder.endObject().field("query_cache", queryCache).endObject();
    }
  }

  public static final class Response extends AllNodesResponse<NodeResponse>
      implements ToXContentFragment {
    Response(ClusterName name, List<NodeResponse> nodes, List<FailedNodeException> failures) {
      super(name, nodes, failures);
    }

    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      builder.startObject("nodes");
      for (NodeResponse node : getNodes()) {
        node.toXContent(builder);
      }
      return builder.endObject();
    }
  }

  public static final class Transport extends AllNodesTransport<NodeResponse, Response> {
    private final NodeModels models;
    private final QueryEncodings encodings;

    @Inject
    public Transport(
        ClusterService clusterService,
        TransportService transportService,
        ActionFilters actionFilters,
        ThreadPool threadPool,
        NodeModels models,
        QueryEncodings encodings) {
      super(
          TYPE,
          clusterService,
          transportService,
          actionFilters,
          threadPool,
          NodeResponse::new,
          Response::new);
      this.models = models;
      this.encodings = encodings;
    }

    @Override
    NodeResponse answer(DiscoveryNode localNode) {
      return new NodeResponse(
          localNode,
          models.enabled(),
          models.memory().limit(),
          models.memory().reserved(),
          ModelStats.ofAll(models.loaded(), models.reserved()),
          encodings.stats());
    }
  }
}
