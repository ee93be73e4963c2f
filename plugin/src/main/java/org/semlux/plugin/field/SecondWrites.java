package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateObserver;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;

/**
 * Writes again what a shard has refused since its texts came without vectors ({@link
 * UnencodedTexts}): their fields were mapped by a dynamic template with this very document, or
 * while it was under way, or stood in a document from before that a bulk's update has made anew.
 * The shard has mapped the fields by then; so the texts are encoded this time.
 */
final class SecondWrites {
  private static final Logger LOGGER = LogManager.getLogger(SecondWrites.class);
  static final String HEADER = "_semlux_second_write";

  private final Client client;
  private final ClusterService clusterService;
  private final IndexFields indices;
  private final ThreadContext context;

  SecondWrites(Client client, ClusterService clusterService, IndexFields indices) {
    this.client = client;
    this.clusterService = clusterService;
    this.indices = indices;
    this.context = client.threadPool().getThreadContext();
  }

  /** Asks for the answer that a listener gets: that of a bulk, or of its second write. */
  ActionListener<BulkShardResponse> after(
      BulkShardRequest bulk, ActionListener<BulkShardResponse> listener) {
    if (context.getHeader(HEADER) != null) { // once is enough
      return listener;
    }
    return ContextPreservingActionListener.wrapPreservingContext(
        listener.delegateFailureAndWrap((l, response) -> again(bulk, response, l)), context);
  }

  private void again(
      BulkShardRequest bulk, BulkShardResponse first, ActionListener<BulkShardResponse> listener) {
    OptionalLong version =
        Arrays.stream(first.getResponses()).flatMapToLong(one -> refused(one).stream()).max();
    List<BulkItemRequest> items = version.isEmpty() ? List.of() : items(bulk, first);
    if (items.isEmpty()) {
      listener.onResponse(first);
      return;
    }
    BulkParts parts =
        new BulkParts(BulkParts.part(bulk, items), update -> true, client, this::write);
    // What was written is written, whatever becomes of the rest: a client that was told otherwise
    // would write it twice.
    ActionListener<BulkShardResponse> kept =
        listener.delegateResponse((l, e) -> l.onResponse(first));
    ActionListener<BulkShardResponse> answer = kept.map(second -> merge(bulk, first, second));
    // Not on the thread that applies cluster states, which may be the one that is told.
    whenMapped(
        bulk,
        version.getAsLong(),
        ActionListener.wrap(
            mapped ->
                client.threadPool().generic().execute(ActionRunnable.wrap(answer, parts::write)),
            kept::onFailure));
  }

  private static OptionalLong refused(BulkItemResponse response) {
    return response.isFailed()
        ? UnencodedTexts.refused(response.getFailure().getCause())
        : OptionalLong.empty();
  }

  /**
   * What was refused, and what else of the bulk failed for these documents after it, in its order.
   * Where something later of it is written, that stays, and so does the refusal: others may have
   * read it and written since.
   */
  private static List<BulkItemRequest> items(BulkShardRequest bulk, BulkShardResponse first) {
    Map<Integer, BulkItemResponse> responses = new HashMap<>();
    for (BulkItemResponse one : first.getResponses()) {
      responses.put(one.getItemId(), one);
    }
    Map<String, List<BulkItemRequest>> byId = new LinkedHashMap<>();
    Set<String> left = new HashSet<>();
    for (BulkItemRequest item : bulk.items()) {
      BulkItemResponse response = responses.get(item.id());
      String id = item.request().id();
      if (refused(response).isPresent()) {
        byId.computeIfAbsent(id, unknown -> new ArrayList<>());
      }
      if (byId.containsKey(id)) {
        // What this node has sent to itself holds its answer.
        byId.get(id).add(new BulkItemRequest(item.id(), item.request()));
        if (!response.isFailed()) {
          left.add(id);
        }
      }
    }
    byId.keySet().removeAll(left);
    return byId.values().stream().flatMap(List::stream).toList();
  }

  /** The shard's node has that mapping; this one may not yet. */
  private void whenMapped(BulkShardRequest bulk, long version, ActionListener<Void> listener) {
    ClusterStateObserver.waitForState(
        clusterService,
        context,
        new ClusterStateObserver.Listener() {
          @Override
          public void onNewClusterState(ClusterState state) {
            ActionListener.completeWith(listener, () -> null);
          }

          @Override
          public void onClusterServiceClose() {
            listener.onFailure(new IllegalStateException("the node closes"));
          }

          @Override
          public void onTimeout(TimeValue timeout) {
            listener.onFailure(new IllegalStateException("the mapping is not known in " + timeout));
          }
        },
        state -> {
          IndexMetadata index = indices.index(bulk.shardId().getIndex());
          return index == null || index.getMappingVersion() >= version; // it may be deleted
        },
        bulk.timeout(),
        LOGGER);
  }

  private void write(BulkShardRequest bulk, ActionListener<BulkShardResponse> listener) {
    MarkedRequest.execute(client, TransportShardBulkAction.TYPE, bulk, HEADER, listener);
  }

  private static BulkShardResponse merge(
      BulkShardRequest bulk, BulkShardResponse first, BulkShardResponse second) {
    Map<Integer, BulkItemResponse> responses = new HashMap<>();
    for (BulkItemResponse one : second.getResponses()) {
      responses.put(one.getItemId(), one);
    }
    BulkShardResponse all =
        new BulkShardResponse(
            bulk.shardId(),
            Arrays.stream(first.getResponses())
                .map(one -> responses.getOrDefault(one.getItemId(), one))
                .toArray(BulkItemResponse[]::new));
    all.setShardInfo(BulkParts.least(first.getShardInfo(), second.getShardInfo()));
    return all;
  }
}
