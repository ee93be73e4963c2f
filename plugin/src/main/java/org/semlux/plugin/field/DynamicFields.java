package org.semlux.plugin.field;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
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

  /** What parses documents of an index as that is at some time. */
  private record Kept(long mappingVersion, long settingsVersion, MapperService mapper) {
    boolean fits(IndexMetadata index) {
      return mappingVersion == index.getMappingVersion()
          && settingsVersion == index.getSettingsVersion();
    }
  }

  private final Client client;
  private final Supplier<IndicesService> indices;

  /**
   * Of indices without a shard here by their UUIDs, since making one takes longer than a small
   * bulk. They are left to the collector, not closed: others may be parsing with them.
   */
  private final Cache<String, Kept> mappers =
      CacheBuilder.<String, Kept>builder()
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
    if (here != null) {
      Updates updates = new Updates();
      documents.forEach(document -> updates.add(here.mapperService(), document));
      return updates.all;
    }
    return elsewhere(index, documents);
  }

  /**
   * The same for an index that has no shard here. What is kept can't make queries, which some
   * fields do of a document ({@code percolator}): what it can't parse is tried with a whole index.
   */
  private Map<String, Object> elsewhere(IndexMetadata index, List<IndexRequest> documents) {
    Updates updates = new Updates();
    MapperService kept = kept(index);
    List<IndexRequest> left = new ArrayList<>(documents);
    left.removeIf(document -> updates.add(kept, document));
    if (left.isEmpty()) {
      return updates.all;
    }
    try {
      return indices
          .get()
          .withTempIndexService(
              index,
              service -> {
                MapperService whole = service.mapperService();
                whole.merge(index, MapperService.MergeReason.MAPPING_RECOVERY);
                left.forEach(document -> updates.add(whole, document));
                return updates.all;
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MapperService kept(IndexMetadata index) {
    String uuid = index.getIndexUUID();
    Kept former = mappers.get(uuid);
    if (former != null && !former.fits(index)) {
      mappers.invalidate(uuid, former);
    }
    try {
      // Another's may be a step newer or older: so may the shard's be.
      return mappers.computeIfAbsent(uuid, unknown -> make(index)).mapper();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "index [%s] cannot be read on this node".formatted(index.getIndex().getName()),
          e.getCause());
    }
  }

  private Kept make(IndexMetadata index) throws IOException {
    MapperService mapper = indices.get().createIndexMapperServiceForValidation(index);
    mapper.merge(index, MapperService.MergeReason.MAPPING_RECOVERY);
    return new Kept(index.getMappingVersion(), index.getSettingsVersion(), mapper);
  }

  /** What documents add to a mapping, where a field of ours is part of it. */
  private static final class Updates {
    final Map<String, Object> all = new HashMap<>();

    /** False where the document can't be parsed. */
    boolean add(MapperService mapper, IndexRequest document) {
      CompressedXContent update;
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
        return false; // its shard says why
      }
      if (update != null) {
        add(XContentHelper.convertToMap(JsonXContent.jsonXContent, update.string(), true));
      }
      return true;
    }

    private void add(Map<String, Object> update) {
      @SuppressWarnings("unchecked") // a mapping, with or without the name of its type
      Map<String, Object> mapping =
          update.get(MapperService.SINGLE_MAPPING_NAME) instanceof Map<?, ?> typed
              ? (Map<String, Object>) typed
              : update;
      if (!EncodedField.of(mapping).isEmpty()) {
        XContentHelper.mergeDefaults(all, mapping);
      }
    }
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
