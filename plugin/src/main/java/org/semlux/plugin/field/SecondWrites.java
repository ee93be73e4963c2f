package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.replication.ReplicationResponse;
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
  private static final int MAX_TRIES = 5;
  private static final int FIRST_PAUSE_MILLIS = 25;
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
    long time = bulk.timeout().millis(); // a shard may get more
    return ContextPreservingActionListener.wrapPreservingContext(
        listener.delegateFailureAndWrap((l, response) -> again(bulk, response, 0, now() + time, l)),
        context);
  }

  private long now() {
    return client.threadPool().relativeTimeInMillis();
  }

  /**
   * @param tries so far
   * @param end when it is too late for another, in the thread pool's time
   */
  private void again(
      BulkShardRequest bulk,
      BulkShardResponse first,
      int tries,
      long end,
      ActionListener<BulkShardResponse> listener) {
    long version = -1;
    for (BulkItemResponse one : first.getResponses()) {
      if (one.isFailed()) {
        version = Math.max(version, refused(one).orElse(-1));
      }
    }
    List<BulkItemRequest> items = version < 0 ? List.of() : items(bulk, first);
    if (items.isEmpty() || tries == MAX_TRIES || (tries > 0 && now() >= end)) {
      listener.onResponse(version < 0 ? first : plain(first));
      return;
    }
    // What was written is written, whatever becomes of the rest: a client that was told otherwise
    // would write it twice.
    ActionListener<BulkShardResponse> second =
        ActionListener.wrap(
            response -> again(bulk, merge(bulk, first, response), tries + 1, end, listener),
            e -> listener.onResponse(merge(bulk, first, failed(bulk, items, e))));
    long wanted = version;
    Runnable write = ActionRunnable.wrap(second, l -> write(bulk, items, wanted, end, l));
    if (tries == 0) {
      write.run();
    } else { // this node is before the shard's: that gets the mapping at any moment
      TimeValue pause = TimeValue.timeValueMillis(FIRST_PAUSE_MILLIS << tries);
      client.threadPool().schedule(write, pause, client.threadPool().generic());
    }
  }

  /** All that comes of it, each item's own way too, is no more written a second time by itself. */
  private void write(
      BulkShardRequest bulk,
      List<BulkItemRequest> items,
      long version,
      long end,
      ActionListener<BulkShardResponse> listener) {
    MarkedRequest.run(
        context,
        HEADER,
        Long.toString(version),
        () ->
            new BulkParts(
                    BulkParts.part(bulk, items, BulkParts.left(client, end)),
                    update -> true,
                    client,
                    (rest, l) -> client.execute(TransportShardBulkAction.TYPE, rest, l))
                .write(listener));
  }

  private static BulkShardResponse failed(
      BulkShardRequest bulk, List<BulkItemRequest> items, Exception e) {
    BulkShardResponse response =
        new BulkShardResponse(
            bulk.shardId(),
            items.stream()
                .map(item -> BulkParts.failure(bulk, item, e))
                .toArray(BulkItemResponse[]::new));
    response.setShardInfo(ReplicationResponse.ShardInfo.EMPTY);
    return response;
  }

  /** A refusal that stays is told by its own status, which says to try again. */
  private static BulkShardResponse plain(BulkShardResponse response) {
    BulkItemResponse[] items = response.getResponses();
    for (int i = 0; i < items.length; i++) {
      BulkItemResponse.Failure failure = items[i].getFailure();
      ElasticsearchException refusal =
          failure == null ? null : UnencodedTexts.refusal(failure.getCause());
      if (refusal != null && refusal.status() != failure.getStatus()) {
        items[i] =
            BulkItemResponse.failure(
                items[i].getItemId(),
                items[i].getOpType(),
                new BulkItemResponse.Failure(failure.getIndex(), failure.getId(), refusal));
      }
    }
    return response;
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
    Map<Integer, BulkItemResponse> responses = byItem(first);
    Map<Object, List<BulkItemRequest>> byId = new LinkedHashMap<>();
    for (BulkItemRequest item : bulk.items()) {
      BulkItemResponse response = responses.get(item.id());
      Object id = item.request().id() == null ? item : item.request().id(); // the shard makes one
      if (!response.isFailed()) {
        byId.remove(id);
      } else if (byId.containsKey(id) || refused(response).isPresent()) {
        // What this node has sent to itself holds its answer.
        byId.computeIfAbsent(id, unknown -> new ArrayList<>())
            .add(new BulkItemRequest(item.id(), item.request()));
      }
    }
    return byId.values().stream().flatMap(List::stream).toList();
  }

  private static Map<Integer, BulkItemResponse> byItem(BulkShardResponse response) {
    Map<Integer, BulkItemResponse> responses = new HashMap<>();
    for (BulkItemResponse one : response.getResponses()) {
      responses.put(one.getItemId(), one);
    }
    return responses;
  }

  /**
   * Goes on with a bulk: at once, or where it is a second write when this node, whether that was
   * asked or makes documents of updates, knows the mapping by which the shard refused the first; or
   * does not in the time that the bulk has, and then the shard refuses the second too.
   */
  void whenMapped(BulkShardRequest bulk, ActionListener<Void> next) {
    String header = context.getHeader(HEADER);
    if (header == null) {
      next.onResponse(null);
      return;
    }
    long version = Long.parseLong(header);
    // Not on the thread that applies cluster states, which may be the one that is told.
    Runnable goOn = () -> client.threadPool().generic().execute(ActionRunnable.run(next, () -> {}));
    ClusterStateObserver.waitForState(
        clusterService,
        context,
        new ClusterStateObserver.Listener() {
          @Override
          public void onNewClusterState(ClusterState state) {
            goOn.run();
          }

          @Override
          public void onClusterServiceClose() {
            goOn.run();
          }

          @Override
          public void onTimeout(TimeValue timeout) {
            goOn.run();
          }
        },
        state -> {
          IndexMetadata index = indices.index(bulk.shardId().getIndex());
          return index == null || index.getMappingVersion() >= version; // it may be deleted
        },
        bulk.timeout(),
        LOGGER);
  }

  private static BulkShardResponse merge(
      BulkShardRequest bulk, BulkShardResponse first, BulkShardResponse second) {
    Map<Integer, BulkItemResponse> responses = byItem(second);
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
