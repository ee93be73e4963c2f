package org.semlux.plugin.field;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.RefCountingRunnable;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.breaker.CircuitBreakingException;
import org.elasticsearch.common.bytes.BytesReference;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.EncoderCalls;
import org.semlux.ingest.deployed.EncoderFailures;

/**
 * One shard's bulk with its texts encoded. The documents of what stays together ({@link BulkParts})
 * are encoded at once and share batches; then all parts are written.
 */
final class ShardWrite {
  /** In bytes: a longer source may hold texts that are tokenized to be cut. */
  private static final int LONG_SOURCE = 2_000;

  private final BulkShardRequest bulk;
  private final Collection<EncodedField> fields;
  private final TextEncoding encoding;
  private final VectorMappings mappings;
  private final VectorMemory memory;
  private final BulkParts parts;

  private ShardWrite(
      BulkShardRequest bulk,
      Collection<EncodedField> fields,
      TextEncoding encoding,
      VectorMappings mappings,
      VectorMemory memory,
      BulkParts parts) {
    this.bulk = bulk;
    this.fields = fields;
    this.encoding = encoding;
    this.mappings = mappings;
    this.memory = memory;
    this.parts = parts;
  }

  /**
   * @param memory counts what documents have grown by
   */
  static void start(
      BulkShardRequest bulk,
      Collection<EncodedField> fields,
      TextEncoding encoding,
      VectorMappings mappings,
      VectorMemory memory,
      Client client,
      BulkParts.Chain chain,
      ActionListener<BulkShardResponse> listener) {
    BulkParts parts = new BulkParts(bulk, update -> TextChanges.in(update, fields), client, chain);
    ShardWrite write = new ShardWrite(bulk, fields, encoding, mappings, memory, parts);
    ActionListener<Void> encoded =
        AnsweredOnce.of(listener.delegateFailureAndWrap((l, v) -> parts.write(l)));
    if (write.hasLongTexts()) { // not on a thread that others wait for
      ActionListener<Void> inTurn =
          encoded.delegateResponse(
              (l, e) -> l.onFailure(EncoderFailures.withRetryAfter(e))); // the pool refuses it
      ActionRunnable<Void> task = ActionRunnable.wrap(inTurn, write::encode);
      EncoderCalls.whenReady( // before, as what waits for models goes on on such a thread
          encoding.encoders(),
          fields.stream().map(EncodedField::modelId).toList(),
          encoding.threadContext(),
          inTurn.delegateFailureAndWrap(
              (l, ready) -> client.threadPool().executor(Chunker.POOL).execute(task)));
    } else {
      AnsweredOnce.run(encoded, write::encode);
    }
  }

  private boolean hasLongTexts() {
    return parts.together().stream()
        .anyMatch(
            item ->
                item.request() instanceof IndexRequest index
                    && index.source().length() > LONG_SOURCE);
  }

  /** Encodes what stays together. An item that cannot be encoded fails, the others go on. */
  private void encode(ActionListener<Void> listener) {
    Map<BulkItemRequest, Map<String, ModelSettings>> found = new ConcurrentHashMap<>();
    try (RefCountingRunnable all =
        new RefCountingRunnable(() -> AnsweredOnce.run(listener, l -> map(found, l)))) {
      for (BulkItemRequest item : parts.together()) {
        if (BulkParts.isOpen(item) && item.request() instanceof IndexRequest index) {
          BytesReference sent = index.source();
          ActionListener<Map<String, ModelSettings>> one =
              AnsweredOnce.of(
                  ActionListener.wrap(
                      settings -> {
                        hold(index, sent);
                        found.put(item, settings);
                      },
                      e -> item.abort(bulk.shardId().getIndexName(), e)),
                  all.acquire()::close);
          AnsweredOnce.run(one, l -> encoding.encode(index, fields, l));
        }
      }
    }
  }

  /** What there is no memory for goes at once, and its document fails. */
  private void hold(IndexRequest document, BytesReference sent) {
    try {
      memory.hold(document.source().length() - sent.length());
    } catch (CircuitBreakingException e) {
      document.source(sent, document.getContentType());
      throw e;
    }
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
}
