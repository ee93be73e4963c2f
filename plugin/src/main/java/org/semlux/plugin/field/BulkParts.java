package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.DocWriteRequest.OpType;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.RefCountingRunnable;
import org.elasticsearch.action.support.replication.ReplicationResponse.ShardInfo;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.util.concurrent.ThrottledIterator;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.core.TimeValue;
import org.semlux.ingest.deployed.AnsweredOnce;

/**
 * The parts that a shard's bulk is written in. An update that changes a text is taken out and goes
 * its own way, as {@code _update} does: only the shard knows the document that it makes. All else
 * that a bulk does to that document goes with it, in its order; the rest stays together. The
 * answers become that of the bulk.
 */
final class BulkParts {
  private static final int MAX_UPDATES = 64; // of one bulk at a time

  /** Hands on what is left of a bulk. */
  @FunctionalInterface
  interface Chain {
    void proceed(BulkShardRequest rest, ActionListener<BulkShardResponse> listener);
  }

  private final BulkShardRequest bulk;
  private final Predicate<UpdateRequest> leaves;
  private final Client client;
  private final Chain chain;
  private final List<BulkItemRequest> together = new ArrayList<>();
  private final Collection<List<BulkItemRequest>> apart;
  private final Map<Integer, BulkItemResponse> responses = new ConcurrentHashMap<>();
  private final AtomicReference<ShardInfo> shardInfo = new AtomicReference<>(ShardInfo.EMPTY);

  /**
   * @param leaves the updates that go their own way
   */
  BulkParts(BulkShardRequest bulk, Predicate<UpdateRequest> leaves, Client client, Chain chain) {
    this.bulk = bulk;
    this.leaves = leaves;
    this.client = client;
    this.chain = chain;
    Set<String> changed = new HashSet<>();
    for (BulkItemRequest item : bulk.items()) {
      if (isOpen(item) && item.request() instanceof UpdateRequest update && leaves.test(update)) {
        changed.add(update.id());
      }
    }
    Map<String, List<BulkItemRequest>> byId = new LinkedHashMap<>();
    for (BulkItemRequest item : bulk.items()) {
      if (isOpen(item) && changed.contains(item.request().id())) {
        byId.computeIfAbsent(item.request().id(), id -> new ArrayList<>()).add(item);
      } else {
        together.add(item);
      }
    }
    this.apart = byId.values();
  }

  /** Items that were refused before have their answer already. */
  static boolean isOpen(BulkItemRequest item) {
    return item.getPrimaryResponse() == null;
  }

  /** What no update of a text is among. */
  List<BulkItemRequest> together() {
    return together;
  }

  /** Hands on what stays together, and writes what does not. */
  void write(ActionListener<BulkShardResponse> listener) {
    if (apart.isEmpty()) {
      chain.proceed(bulk, listener);
      return;
    }
    ActionListener<Void> finish =
        listener.map(
            v -> {
              BulkShardResponse response =
                  new BulkShardResponse(
                      bulk.shardId(),
                      Arrays.stream(bulk.items())
                          .map(item -> responses.get(item.id()))
                          .filter(Objects::nonNull)
                          .toArray(BulkItemResponse[]::new));
              response.setShardInfo(shardInfo.get());
              return response;
            });
    ActionListener<Void> done = AnsweredOnce.of(finish);
    long end = client.threadPool().relativeTimeInMillis() + bulk.timeout().millis();
    try (RefCountingRunnable all = new RefCountingRunnable(() -> done.onResponse(null))) {
      if (!together.isEmpty()) {
        ActionListener<BulkShardResponse> rest =
            AnsweredOnce.of(
                ActionListener.wrap(
                    response -> {
                      shardInfo.accumulateAndGet(response.getShardInfo(), BulkParts::least);
                      for (BulkItemResponse one : response.getResponses()) {
                        responses.put(one.getItemId(), one);
                      }
                    },
                    e -> together.forEach(item -> fail(item, e))),
                all.acquire()::close);
        AnsweredOnce.run(rest, l -> chain.proceed(part(bulk, together, bulk.timeout()), l));
      }
      ThrottledIterator.run(
          apart.iterator(),
          (releasable, items) -> inOrder(items, end, releasable),
          MAX_UPDATES,
          all.acquire()::close);
    }
  }

  /**
   * A shard's bulk tells of its copies once for all items: what was written to the fewest of them
   * tells. An update that changes nothing is written to none and tells nothing.
   */
  static ShardInfo least(ShardInfo one, ShardInfo other) {
    if (one.getTotal() == 0 || other.getTotal() == 0) {
      return one.getTotal() == 0 ? other : one;
    }
    return one.getSuccessful() <= other.getSuccessful() ? one : other;
  }

  private void fail(BulkItemRequest item, Exception e) {
    responses.put(item.id(), failure(bulk, item, e));
  }

  static BulkItemResponse failure(BulkShardRequest bulk, BulkItemRequest item, Exception e) {
    return BulkItemResponse.failure(
        item.id(),
        item.request().opType(),
        new BulkItemResponse.Failure(bulk.shardId().getIndexName(), item.request().id(), e));
  }

  /**
   * What is left of a bulk's time; nothing when it is over.
   *
   * @param end in the thread pool's time
   */
  static TimeValue left(Client client, long end) {
    return TimeValue.timeValueMillis(Math.max(0, end - client.threadPool().relativeTimeInMillis()));
  }

  /** A bulk of some items of one, with a time of its own. */
  static BulkShardRequest part(
      BulkShardRequest bulk, List<BulkItemRequest> items, TimeValue timeout) {
    BulkShardRequest request =
        new BulkShardRequest(
            bulk.shardId(),
            bulk.splitShardCountSummary(),
            bulk.getRefreshPolicy(),
            items.toArray(BulkItemRequest[]::new));
    request.waitForActiveShards(bulk.waitForActiveShards());
    request.timeout(timeout);
    request.setParentTask(bulk.getParentTask());
    request.setInferenceFieldMap(bulk.getInferenceFieldMap()); // for the fields of others
    return request;
  }

  /** The documents that an item brings along. */
  static Stream<IndexRequest> documents(BulkItemRequest item) {
    Stream<IndexRequest> all =
        switch (item.request()) {
          case IndexRequest document -> Stream.of(document);
          case UpdateRequest update -> Stream.of(update.doc(), update.upsertRequest());
          default -> Stream.of(); // brings no document
        };
    return all.filter(document -> document != null && document.source() != null);
  }

  /**
   * Takes the vectors out of an item again. It was encoded and counted by itself, and stays in
   * memory until the whole bulk is answered.
   */
  private static Runnable asSent(BulkItemRequest item) {
    IdentityHashMap<IndexRequest, BytesReference> sent = new IdentityHashMap<>();
    documents(item).forEach(document -> sent.put(document, document.source()));
    return () ->
        sent.forEach((document, source) -> document.source(source, document.getContentType()));
  }

  /**
   * What a bulk does to one document, one after the other: each gets what is left of the bulk's
   * time, or they would wait for their mappings as long each. Those that are refused on the spot
   * take no stack from each other.
   *
   * @param end of that time, in the thread pool's
   */
  private void inOrder(List<BulkItemRequest> items, long end, Releasable done) {
    ThrottledIterator.run(
        items.iterator(), (release, item) -> write(item, end, release), 1, done::close);
  }

  private void write(BulkItemRequest item, long end, Releasable done) {
    ActionListener<BulkItemResponse> one =
        AnsweredOnce.of(
            ActionListener.wrap(response -> responses.put(item.id(), response), e -> fail(item, e)),
            done::close);
    AnsweredOnce.run(
        one,
        unencoded -> {
          Runnable asSent = asSent(item);
          AnsweredOnce.run(
              ActionListener.runBefore(unencoded, asSent::run),
              l -> send(item, left(client, end), l));
        });
  }

  private void send(BulkItemRequest item, TimeValue left, ActionListener<BulkItemResponse> l) {
    if (item.request() instanceof UpdateRequest update && leaves.test(update)) {
      update.setRefreshPolicy(bulk.getRefreshPolicy());
      update.waitForActiveShards(bulk.waitForActiveShards());
      update.timeout(left);
      BulkUpdates.execute(
          client,
          update,
          l.map(
              response -> {
                shardInfo.accumulateAndGet(response.getShardInfo(), BulkParts::least);
                return BulkItemResponse.success(item.id(), OpType.UPDATE, response);
              }));
    } else {
      client.execute(
          TransportShardBulkAction.TYPE,
          part(bulk, List.of(item), left),
          l.map(
              response -> {
                shardInfo.accumulateAndGet(response.getShardInfo(), BulkParts::least);
                return response.getResponses()[0];
              }));
    }
  }
}
