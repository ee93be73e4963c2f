package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
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
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.breaker.CircuitBreakingException;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.util.concurrent.ThrottledIterator;
import org.elasticsearch.core.Releasable;

/**
 * One shard's bulk with its texts encoded. Documents are encoded at once and share batches. An
 * update that changes a text is taken out and goes its own way, as {@code _update} does: only the
 * shard knows the document that it makes. What a bulk does to one document stays in its order.
 */
final class ShardWrite {
  private static final int MAX_UPDATES = 64; // of one bulk at a time

  /** In bytes: a longer source may hold texts that are tokenized to be cut. */
  private static final int LONG_SOURCE = 2_000;

  /** Hands on what is left of a bulk. */
  @FunctionalInterface
  interface Chain {
    void proceed(BulkShardRequest rest, ActionListener<BulkShardResponse> listener);
  }

  private final BulkShardRequest bulk;
  private final Collection<EncodedField> fields;
  private final TextEncoding encoding;
  private final VectorMappings mappings;
  private final CircuitBreaker breaker;
  private final AtomicLong held = new AtomicLong();
  private final Client client;
  private final Chain chain;

  private final List<BulkItemRequest> together = new ArrayList<>();
  private final Collection<List<BulkItemRequest>> apart;
  private final Map<Integer, BulkItemResponse> responses = new ConcurrentHashMap<>();
  private final AtomicReference<ShardInfo> shardInfo = new AtomicReference<>(ShardInfo.EMPTY);

  private ShardWrite(
      BulkShardRequest bulk,
      Collection<EncodedField> fields,
      TextEncoding encoding,
      VectorMappings mappings,
      CircuitBreaker breaker,
      Client client,
      Chain chain) {
    this.bulk = bulk;
    this.fields = fields;
    this.encoding = encoding;
    this.mappings = mappings;
    this.breaker = breaker;
    this.client = client;
    this.chain = chain;
    Set<String> changed = new HashSet<>();
    for (BulkItemRequest item : bulk.items()) {
      if (isOpen(item)
          && item.request() instanceof UpdateRequest update
          && TextChanges.in(update, fields)) {
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

  /**
   * @param breaker counts what documents have grown by, until the shard has answered
   */
  static void start(
      BulkShardRequest bulk,
      Collection<EncodedField> fields,
      TextEncoding encoding,
      VectorMappings mappings,
      CircuitBreaker breaker,
      Client client,
      Chain chain,
      ActionListener<BulkShardResponse> listener) {
    ShardWrite write = new ShardWrite(bulk, fields, encoding, mappings, breaker, client, chain);
    ActionListener<Void> encoded =
        ActionListener.runBefore(listener, write::release)
            .delegateFailureAndWrap((l, v) -> write.writeAll(l));
    if (write.hasLongTexts()) { // not on a thread that others wait for
      client.threadPool().generic().execute(ActionRunnable.wrap(encoded, write::encode));
    } else {
      ActionListener.run(encoded, write::encode);
    }
  }

  private boolean hasLongTexts() {
    return together.stream()
        .anyMatch(
            item ->
                item.request() instanceof IndexRequest index
                    && index.source().length() > LONG_SOURCE);
  }

  /** Items that were refused before have their answer already. */
  private static boolean isOpen(BulkItemRequest item) {
    return item.getPrimaryResponse() == null;
  }

  /** Encodes what stays together. An item that cannot be encoded fails, the others go on. */
  private void encode(ActionListener<Void> listener) {
    Map<BulkItemRequest, Map<String, ModelSettings>> found = new ConcurrentHashMap<>();
    try (RefCountingRunnable all =
        new RefCountingRunnable(() -> ActionListener.run(listener, l -> map(found, l)))) {
      for (BulkItemRequest item : together) {
        if (isOpen(item) && item.request() instanceof IndexRequest index) {
          BytesReference sent = index.source();
          ActionListener<Map<String, ModelSettings>> one =
              ActionListener.releaseAfter(
                  ActionListener.wrap(
                      settings -> {
                        hold(index, sent);
                        found.put(item, settings);
                      },
                      e -> item.abort(bulk.shardId().getIndexName(), e)),
                  all.acquire());
          ActionListener.run(one, l -> encoding.encode(index, fields, l));
        }
      }
    }
  }

  /** What there is no memory for goes at once, and its document fails. */
  private void hold(IndexRequest document, BytesReference sent) {
    int grown = document.source().length() - sent.length();
    if (grown <= 0) {
      return; // even nothing is refused where other things have taken too much
    }
    try {
      breaker.addEstimateBytesAndMaybeBreak(grown, "vectors of " + bulk.shardId());
      held.addAndGet(grown);
    } catch (CircuitBreakingException e) {
      document.source(sent, document.getContentType());
      throw e;
    }
  }

  private void release() {
    breaker.addWithoutBreaking(-held.get());
  }

  /** Sees to it that the mapping says what the vectors are, before a shard gets the first. */
  private void map(
      Map<BulkItemRequest, Map<String, ModelSettings>> found, ActionListener<Void> listener) {
    Map<String, ModelSettings> settings = new HashMap<>();
    found
        .values()
        .forEach(one -> one.forEach((path, s) -> settings.merge(path, s, ModelSettings::merge)));
    mappings.ensure(
        bulk.shardId().getIndex(),
        settings,
        ActionListener.wrap(
            listener::onResponse,
            e -> {
              found.forEach(
                  (item, known) -> {
                    if (!known.isEmpty()) {
                      item.abort(bulk.shardId().getIndexName(), e);
                    }
                  });
              listener.onResponse(null);
            }));
  }

  private void writeAll(ActionListener<BulkShardResponse> listener) {
    if (apart.isEmpty()) {
      chain.proceed(bulk, listener);
      return;
    }
    ActionListener<Void> done =
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
    try (RefCountingRunnable all = new RefCountingRunnable(() -> done.onResponse(null))) {
      if (!together.isEmpty()) {
        ActionListener<BulkShardResponse> rest =
            ActionListener.releaseAfter(
                ActionListener.wrap(
                    response -> {
                      shardInfo.accumulateAndGet(response.getShardInfo(), ShardWrite::least);
                      for (BulkItemResponse one : response.getResponses()) {
                        responses.put(one.getItemId(), one);
                      }
                    },
                    e -> together.forEach(item -> fail(item, e))),
                all.acquire());
        ActionListener.run(rest, l -> chain.proceed(bulkOf(together), l));
      }
      ThrottledIterator.run(
          apart.iterator(),
          (releasable, items) -> inOrder(items, 0, releasable),
          MAX_UPDATES,
          all.acquire()::close);
    }
  }

  /**
   * A shard's bulk tells of its copies once for all items: what was written to the fewest of them
   * tells. An update that changes nothing is written to none and tells nothing.
   */
  private static ShardInfo least(ShardInfo one, ShardInfo other) {
    if (one.getTotal() == 0 || other.getTotal() == 0) {
      return one.getTotal() == 0 ? other : one;
    }
    return one.getSuccessful() <= other.getSuccessful() ? one : other;
  }

  private void fail(BulkItemRequest item, Exception e) {
    responses.put(
        item.id(),
        BulkItemResponse.failure(
            item.id(),
            item.request().opType(),
            new BulkItemResponse.Failure(bulk.shardId().getIndexName(), item.request().id(), e)));
  }

  private BulkShardRequest bulkOf(List<BulkItemRequest> items) {
    BulkShardRequest request =
        new BulkShardRequest(
            bulk.shardId(),
            bulk.splitShardCountSummary(),
            bulk.getRefreshPolicy(),
            items.toArray(BulkItemRequest[]::new));
    request.waitForActiveShards(bulk.waitForActiveShards());
    request.timeout(bulk.timeout());
    request.setParentTask(bulk.getParentTask());
    return request;
  }

  /** What a bulk does to one document, one after the other. */
  private void inOrder(List<BulkItemRequest> items, int next, Releasable done) {
    if (next == items.size()) {
      done.close();
      return;
    }
    BulkItemRequest item = items.get(next);
    ActionListener<BulkItemResponse> one =
        ActionListener.runAfter(
            ActionListener.wrap(response -> responses.put(item.id(), response), e -> fail(item, e)),
            () -> inOrder(items, next + 1, done));
    ActionListener.run(
        one,
        l -> {
          if (item.request() instanceof UpdateRequest update && TextChanges.in(update, fields)) {
            update.setRefreshPolicy(bulk.getRefreshPolicy());
            update.waitForActiveShards(bulk.waitForActiveShards());
            update.timeout(bulk.timeout());
            BulkUpdates.execute(
                client,
                update,
                l.map(
                    response -> {
                      shardInfo.accumulateAndGet(response.getShardInfo(), ShardWrite::least);
                      return BulkItemResponse.success(item.id(), OpType.UPDATE, response);
                    }));
          } else {
            client.execute(
                TransportShardBulkAction.TYPE,
                bulkOf(List.of(item)),
                l.map(
                    response -> {
                      shardInfo.accumulateAndGet(response.getShardInfo(), ShardWrite::least);
                      return response.getResponses()[0];
                    }));
          }
        });
  }
}
