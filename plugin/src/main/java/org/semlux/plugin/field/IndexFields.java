package org.semlux.plugin.field;

import java.util.Map;
import java.util.function.Supplier;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.common.cache.Cache;
import org.elasticsearch.common.cache.CacheBuilder;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.Index;

/**
 * The {@code semlux_text} fields of indices, read once from each mapping: those of the indices that
 * were asked for last are kept.
 */
final class IndexFields {
  private static final int MAX_INDICES = 1_000;

  /**
   * @param mapping that it was read from
   * @param aliases what other names stand for
   * @param chunks the type of what holds their chunks; null where nothing has its name
   * @param dynamic whether templates may make more of them
   */
  private record Answer(
      Object mapping,
      Map<String, EncodedField> fields,
      Map<String, String> aliases,
      @Nullable String chunks,
      boolean dynamic) {}

  private final Supplier<ClusterState> state;
  private final Cache<String, Answer> answers =
      CacheBuilder.<String, Answer>builder().setMaximumWeight(MAX_INDICES).build();

  IndexFields(Supplier<ClusterState> state) {
    this.state = state;
  }

  /** Null where there is no such index. */
  @Nullable IndexMetadata index(Index index) {
    return state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
  }

  /** Null where there is no such index. */
  @Nullable MappingMetadata mapping(Index index) {
    IndexMetadata metadata = index(index);
    return metadata == null ? null : metadata.mapping();
  }

  /** Whether documents may make more of them, by a dynamic template. */
  boolean areDynamic(Index index) {
    Answer answer = answer(index.getUUID(), mapping(index));
    return answer != null && answer.dynamic;
  }

  /**
   * The type of what has the name of {@link StoredChunksMapper#NAME}; null where nothing has, or
   * the index is gone.
   */
  @Nullable String chunks(Index index) {
    Answer answer = answer(index.getUUID(), mapping(index));
    return answer == null ? null : answer.chunks;
  }

  /** By their paths; none where the index is gone. */
  Map<String, EncodedField> of(Index index) {
    return of(index.getUUID(), mapping(index));
  }

  /** By an index's own name. */
  Map<String, EncodedField> of(String index) {
    IndexMetadata metadata =
        state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
    return metadata == null ? Map.of() : of(metadata);
  }

  Map<String, EncodedField> of(IndexMetadata index) {
    return of(index.getIndexUUID(), index.mapping());
  }

  /** A field by its path or by an alias of it; null where the index has none of ours there. */
  @Nullable EncodedField find(IndexMetadata index, String name) {
    Answer answer = answer(index.getIndexUUID(), index.mapping());
    return answer == null ? null : answer.fields.get(answer.aliases.getOrDefault(name, name));
  }

  /** What an alias in an index, by its own name, stands for; any other name for itself. */
  String path(String index, String name) {
    IndexMetadata metadata =
        state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
    Answer answer = metadata == null ? null : answer(metadata.getIndexUUID(), metadata.mapping());
    return answer == null ? name : answer.aliases.getOrDefault(name, name);
  }

  private Map<String, EncodedField> of(String uuid, @Nullable MappingMetadata mapping) {
    Answer answer = answer(uuid, mapping);
    return answer == null ? Map.of() : answer.fields;
  }

  @Nullable private Answer answer(String uuid, @Nullable MappingMetadata mapping) {
    if (mapping == null) {
      return null;
    }
    Answer known = answers.get(uuid);
    if (known == null || known.mapping != mapping) {
      Map<String, Object> source = mapping.sourceAsMap();
      known =
          new Answer(
              mapping,
              EncodedField.of(source),
              EncodedField.aliases(source),
              EncodedField.chunks(source),
              DynamicFields.in(source));
      answers.put(uuid, known);
    }
    return known;
  }
}
