package org.semlux.plugin.field;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
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
import org.elasticsearch.common.cache.Cache;
import org.elasticsearch.common.cache.CacheBuilder;
import org.elasticsearch.common.compress.CompressedXContent;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.TimeValue;
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
  private static final int MAX_MAPPERS = 50;
  private static final TimeValue UNUSED = TimeValue.timeValueMinutes(10);

  /** An index as it is at some time. */
  private record Mapping(String uuid, long version, long settingsVersion) {}

  private final Client client;
  private final Supplier<IndicesService> indices;

  /**
   * Of indices without a shard here, since making one takes longer than a small bulk. They are left
   * to the collector, not closed: others may be parsing with them.
   */
  private final Cache<Mapping, MapperService> mappers =
      CacheBuilder.<Mapping, MapperService>builder()
          .setMaximumWeight(MAX_MAPPERS)
          .setExpireAfterAccess(UNUSED)
          .build();

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
    return updates(here == null ? elsewhere(index) : here.mapperService(), documents);
  }

  /** What parses documents of an index that has no shard here. */
  private MapperService elsewhere(IndexMetadata index) {
    var mapping =
        new Mapping(index.getIndexUUID(), index.getMappingVersion(), index.getSettingsVersion());
    try {
      return mappers.computeIfAbsent(mapping, unknown -> mapper(index));
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "index [%s] cannot be read on this node".formatted(index.getIndex().getName()),
          e.getCause());
    }
  }

  private MapperService mapper(IndexMetadata index) throws IOException {
    MapperService mapper = indices.get().createIndexMapperServiceForValidation(index);
    mapper.merge(index, MapperService.MergeReason.MAPPING_RECOVERY);
    return mapper;
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
