package org.semlux.plugin.field;

import static org.semlux.plugin.field.SemluxTextFieldMapper.NEEDS_MODEL_ID;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiFunction;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.mapping.put.PutMappingRequest;
import org.elasticsearch.action.admin.indices.mapping.put.TransportAutoPutMappingAction;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.common.cache.Cache;
import org.elasticsearch.common.cache.CacheBuilder;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.Index;
import org.elasticsearch.rest.RestStatus;

/**
 * Writes into a mapping what a field's vectors are and which model made them, and the field that
 * carries them, when the model's first text was encoded. The node does so itself, as for fields
 * that a document brings along: whoever may write documents may write the first.
 */
final class VectorMappings {
  private static final int MAX_KEPT = 20_000;

  /** What a field's mapping says of the models in question. */
  private record Known(Index index, String path, SortedMap<String, String> models) {}

  private final Client client;
  private final IndexFields indices;

  /**
   * What all nodes know. What this node knows others may not have heard of yet, while whoever has
   * put it still waits for them; and a copy of a shard fails where it cannot read a document. The
   * elected master answers who asks it for the same again when they have.
   */
  private final Cache<Known, Boolean> known =
      CacheBuilder.<Known, Boolean>builder().setMaximumWeight(MAX_KEPT).build();

  VectorMappings(Client client, IndexFields indices) {
    this.client = client;
    this.indices = indices;
  }

  /**
   * @param found by fields' paths
   */
  void ensure(Index index, Map<String, ModelSettings> found, ActionListener<Void> listener) {
    Map<String, EncodedField> fields = indices.of(index);
    String chunks = indices.chunks(index); // a mapping copied by hand may lack it
    if (!found.isEmpty() && chunks != null && !chunks.equals(StoredChunksMapper.TYPE)) {
      listener.onFailure(
          new IllegalArgumentException(
              "index [%s] maps [%s] as [%s], and that name is Semlux's own: make the index anew without it, and reindex"
                  .formatted(index.getName(), StoredChunksMapper.NAME, chunks)));
      return;
    }
    Map<String, ModelSettings> unknown = new HashMap<>(found);
    unknown
        .entrySet()
        .removeIf(
            entry ->
                !fields.containsKey(entry.getKey())
                    || (chunks != null
                        && isKnown(fields.get(entry.getKey()).settings(), entry.getValue())
                        && known.get(known(index, entry)) != null));
    put(
        index,
        unknown,
        listener.map(
            response -> {
              requireAcknowledged(response, index);
              unknown.entrySet().forEach(entry -> known.put(known(index, entry), true));
              return null;
            }));
  }

  private static Known known(Index index, Map.Entry<String, ModelSettings> found) {
    return new Known(index, found.getKey(), found.getValue().models());
  }

  private static boolean isKnown(@Nullable ModelSettings known, ModelSettings found) {
    return known != null && known.models().entrySet().containsAll(found.models().entrySet());
  }

  /** Says in the mapping that no document is by some models any more. */
  void retire(Index index, String path, Collection<String> models, ActionListener<Void> listener) {
    EncodedField field = indices.of(index).get(path);
    if (field == null || field.settings() == null || models.isEmpty()) {
      listener.onResponse(null);
      return;
    }
    ModelSettings settings = field.settings();
    for (String model : models) {
      settings = settings.with(model, null);
    }
    put(index, Map.of(path, settings), listener.map(response -> null));
  }

  private void put(
      Index index,
      Map<String, ModelSettings> unknown,
      ActionListener<AcknowledgedResponse> listener) {
    send(
        index,
        unknown,
        EncodedField::settingsOnly,
        listener.delegateResponse(
            (l, e) -> {
              if (wantsWhole(e)) {
                send(index, unknown, EncodedField::withSettings, l);
              } else {
                l.onFailure(e);
              }
            }));
  }

  /**
   * An elected master of an older build takes fields as a whole alone. As this node knows them
   * then: what the master has changed of these fields, and this node has not seen, is taken back.
   */
  private static boolean wantsWhole(Exception e) {
    return ExceptionsHelper.unwrapCausesAndSuppressed(
            e, one -> String.valueOf(one.getMessage()).contains(NEEDS_MODEL_ID))
        .isPresent();
  }

  /**
   * @param part of the mapping, with what is unknown in it
   */
  private void send(
      Index index,
      Map<String, ModelSettings> unknown,
      BiFunction<Map<String, Object>, Map<String, ModelSettings>, Map<String, Object>> part,
      ActionListener<AcknowledgedResponse> listener) {
    MappingMetadata mapping = indices.mapping(index);
    if (unknown.isEmpty() || mapping == null) {
      listener.onResponse(AcknowledgedResponse.TRUE);
      return;
    }
    PutMappingRequest request = new PutMappingRequest();
    request.setConcreteIndex(index);
    request.source(part.apply(mapping.sourceAsMap(), unknown));
    request.origin("semlux");
    ThreadContext context = client.threadPool().getThreadContext();
    var asker = ContextPreservingActionListener.wrapPreservingContext(listener, context);
    ThreadContext.StoredContext before = context.newEmptySystemContext();
    try {
      client.execute(TransportAutoPutMappingAction.TYPE, request, asker);
    } finally {
      before.restore();
    }
  }

  /** The next step reads the mapping: some node, maybe this one, may not have it yet. */
  static void requireAcknowledged(AcknowledgedResponse response, Index index) {
    if (!response.isAcknowledged()) {
      throw new ElasticsearchStatusException(
          "not every node knows the mapping of index [{}] yet: send the document again",
          RestStatus.SERVICE_UNAVAILABLE,
          index.getName());
    }
  }
}
