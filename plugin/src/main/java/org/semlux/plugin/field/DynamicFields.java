package org.semlux.plugin.field;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.mapping.put.PutMappingRequest;
import org.elasticsearch.action.admin.indices.mapping.put.TransportAutoPutMappingAction;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.index.IndexService;
import org.elasticsearch.index.mapper.MapperService;
import org.elasticsearch.index.mapper.SourceToParse;
import org.elasticsearch.indices.IndicesService;
import org.elasticsearch.xcontent.json.JsonXContent;

/**
 * Fields that a dynamic template makes. A shard would make them with the first document that has
 * one, after its texts should have been encoded: so such documents are parsed before, by
 * Elasticsearch itself, and what is new goes into the mapping as the user who writes.
 */
final class DynamicFields {
  private final Client client;
  private final Supplier<IndicesService> indices;

  DynamicFields(Client client, Supplier<IndicesService> indices) {
    this.client = client;
    this.indices = indices;
  }

  /** Whether any template of a mapping makes fields of ours. */
  static boolean in(Map<String, Object> mapping) {
    return mapping.get("dynamic_templates") instanceof List<?> templates
        && templates.stream()
            .filter(Map.class::isInstance)
            .flatMap(named -> ((Map<?, ?>) named).values().stream())
            .anyMatch(
                template ->
                    template instanceof Map<?, ?> map
                        && map.get("mapping") instanceof Map<?, ?> field
                        && SemluxTextFieldMapper.TYPE.equals(field.get("type")));
  }

  /** Maps what a bulk brings along. What cannot be parsed is left to its shard, which says why. */
  void ensure(BulkShardRequest bulk, IndexMetadata index, ActionListener<Void> listener) {
    List<IndexRequest> documents =
        Stream.of(bulk.items()).flatMap(DynamicFields::documents).toList();
    put(index, documents.isEmpty() ? Map.of() : updates(index, documents), listener);
  }

  private static Stream<IndexRequest> documents(BulkItemRequest item) {
    return switch (item.request()) {
      case IndexRequest document -> Stream.of(document);
      case UpdateRequest update ->
          Stream.of(update.doc(), update.upsertRequest()).filter(document -> document != null);
      default -> Stream.of();
    };
  }

  /** All that the documents add to the mapping, where a field of ours is part of it. */
  private Map<String, Object> updates(IndexMetadata index, List<IndexRequest> documents) {
    IndexService here = indices.get().indexService(index.getIndex());
    if (here != null) {
      return updates(here.mapperService(), documents);
    }
    try {
      return indices
          .get()
          .withTempIndexService(
              index,
              service -> {
                service.mapperService().merge(index, MapperService.MergeReason.MAPPING_RECOVERY);
                return updates(service.mapperService(), documents);
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> updates(MapperService mapper, List<IndexRequest> documents) {
    Map<String, Object> all = new HashMap<>();
    for (IndexRequest document : documents) {
      CompressedXContent update = null;
      try {
        update =
            mapper
                .documentMapper()
                .parse(
                    new SourceToParse(
                        document.id(),
                        document.source(),
                        document.getContentType(),
                        document.routing(),
                        document.getDynamicTemplates(),
                        null))
                .dynamicMappingsUpdate();
      } catch (RuntimeException e) {
        continue; // its shard says so
      }
      if (update != null) {
        Map<String, Object> one =
            XContentHelper.convertToMap(JsonXContent.jsonXContent, update.string(), true);
        @SuppressWarnings("unchecked") // a mapping, with or without the name of its type
        Map<String, Object> mapping =
            one.get(MapperService.SINGLE_MAPPING_NAME) instanceof Map<?, ?> typed
                ? (Map<String, Object>) typed
                : one;
        if (!EncodedField.of(mapping).isEmpty()) {
          XContentHelper.mergeDefaults(all, mapping);
        }
      }
    }
    return all;
  }

  private void put(
      IndexMetadata index, Map<String, Object> mapping, ActionListener<Void> listener) {
    if (mapping.isEmpty()) {
      listener.onResponse(null);
      return;
    }
    PutMappingRequest request = new PutMappingRequest();
    request.setConcreteIndex(index.getIndex());
    request.source(mapping);
    client.execute(
        TransportAutoPutMappingAction.TYPE,
        request,
        listener.map(response -> VectorMappings.requireAcknowledged(response, index.getIndex())));
  }
}
