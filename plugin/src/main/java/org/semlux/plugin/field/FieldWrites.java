package org.semlux.plugin.field;

import java.util.Map;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequest;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.bulk.TransportShardBulkAction;
import org.elasticsearch.action.support.ActionFilterChain;
import org.elasticsearch.action.support.MappedActionFilter;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.Task;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * Stands before each shard's bulk, behind pipelines and routing, on the node that was asked:
 * whatever writes a document comes by here, and what it writes has its texts encoded. Primaries and
 * replicas get vectors and encode nothing.
 */
final class FieldWrites implements MappedActionFilter {
  /**
   * Whatever has passed since: what is sent to a shard must be able to change the mapping there.
   */
  private static final TimeValue LEAST_TIME = TimeValue.timeValueSeconds(5);

  private final EncoderSource encoders;
  private final Client client;
  private final IndexFields indices;
  private final SecondWrites again;
  private final CircuitBreaker breaker;
  private final VectorMappings mappings;

  FieldWrites(
      EncoderSource encoders,
      Client client,
      IndexFields indices,
      SecondWrites again,
      CircuitBreaker breaker) {
    this.encoders = encoders;
    this.client = client;
    this.indices = indices;
    this.again = again;
    this.breaker = breaker;
    this.mappings = new VectorMappings(client, indices);
  }

  @Override
  public String actionName() {
    return TransportShardBulkAction.ACTION_NAME;
  }

  @Override
  @SuppressWarnings("unchecked") // a shard's bulk is answered by its response
  public <Q extends ActionRequest, A extends ActionResponse> void apply(
      Task task,
      String action,
      Q request,
      ActionListener<A> listener,
      ActionFilterChain<Q, A> chain) {
    if (!(request instanceof BulkShardRequest bulk) || bulk.isSimulated()) {
      chain.proceed(task, action, request, listener);
      return;
    }
    ActionListener<BulkShardResponse> answer =
        AnsweredOnce.of(listener.map(response -> (A) response));
    BulkParts.Chain rest =
        (items, l) ->
            chain.proceed(task, action, (Q) items, l.map(response -> (BulkShardResponse) response));
    VectorMemory memory = new VectorMemory(breaker, bulk.shardId());
    ActionListener<BulkShardResponse> last =
        again.after(bulk, ActionListener.releaseBefore(memory, answer));
    again.whenMapped(
        bulk, AnsweredOnce.of(last.delegateFailureAndWrap((l, v) -> write(bulk, rest, memory, l))));
  }

  private void write(
      BulkShardRequest bulk,
      BulkParts.Chain rest,
      VectorMemory memory,
      ActionListener<BulkShardResponse> listener) {
    Map<String, EncodedField> fields = indices.of(bulk.shardId().getIndex());
    if (!fields.isEmpty()) {
      ShardWrite.start(
          bulk,
          fields.values(),
          new TextEncoding(encoders, client.threadPool().getThreadContext()),
          mappings,
          memory,
          client,
          (items, l) -> {
            if (items.timeout().compareTo(LEAST_TIME) < 0) {
              items.timeout(LEAST_TIME);
            }
            rest.proceed(items, l);
          },
          listener);
      return;
    }
    for (BulkItemRequest item : bulk.items()) { // a reindex brings it where no field takes it
      BulkParts.documents(item).forEach(TextEncoding::removeEncoded);
    }
    rest.proceed(bulk, listener);
  }
}
