package org.semlux.plugin.field;

import java.util.Map;
import java.util.function.Supplier;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.cache.Cache;
import org.elasticsearch.common.cache.CacheBuilder;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.Index;

/**
 * The {@code semlux_text} fields of indices, read once from each mapping, of which many indices may
 * share one. Every bulk of every index asks: so a mapping is only parsed where it speaks of us.
 */
final class IndexFields {
  /** Mappings, fields and aliases. */
  private static final int MAX_KEPT = 20_000;

  /**
   * @param aliases what other names stand for
   * @param chunks the type of what holds their chunks; null where nothing has its name
   */
  private record Answer(
      Map<String, EncodedField> fields, Map<String, String> aliases, @Nullable String chunks) {
    static final Answer NONE = new Answer(Map.of(), Map.of(), null);

    static Answer of(MappingMetadata mapping) {
      BytesReference source = mapping.source().uncompressed();
      if (!EncodedSource.mentions(source, SemluxTextFieldMapper.TYPE)
          && !EncodedSource.mentions(source, "\"alias\"")) {
        return NONE;
      }
      Map<String, Object> parsed = mapping.sourceAsMap();
      return new Answer(
          EncodedField.of(parsed), EncodedField.aliases(parsed), EncodedField.chunks(parsed));
    }
  }

  private final Supplier<ClusterState> state;

  /** By the mappings' hashes. */
  private final Cache<String, Answer> answers =
      CacheBuilder.<String, Answer>builder()
          .setMaximumWeight(MAX_KEPT)
          .weigher((hash, answer) -> 1 + answer.fields.size() + answer.aliases.size())
          .build();

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

  /**
   * The type of what has the name of {@link StoredChunksMapper#NAME}; null where nothing has, or
   * the index is gone.
   */
  @Nullable String chunks(Index index) {
    Answer answer = answer(mapping(index));
    return answer == null ? null : answer.chunks;
  }

  /** By their paths; none where the index is gone. */
  Map<String, EncodedField> of(Index index) {
    return of(mapping(index));
  }

  /** By an index's own name. */
  Map<String, EncodedField> of(String index) {
    IndexMetadata metadata =
        state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
    return metadata == null ? Map.of() : of(metadata);
  }

  Map<String, EncodedField> of(IndexMetadata index) {
    return of(index.mapping());
  }

  /** A field by its path or by an alias of it; null where the index has none of ours there. */
  @Nullable EncodedField find(IndexMetadata index, String name) {
    Answer answer = answer(index.mapping());
    return answer == null ? null : answer.fields.get(answer.aliases.getOrDefault(name, name));
  }

  /** What an alias in an index, by its own name, stands for; any other name for itself. */
  String path(String index, String name) {
    IndexMetadata metadata =
        state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
    Answer answer = metadata == null ? null : answer(metadata.mapping());
    return answer == null ? name : answer.aliases.getOrDefault(name, name);
  }

  private Map<String, EncodedField> of(@Nullable MappingMetadata mapping) {
    Answer answer = answer(mapping);
    return answer == null ? Map.of() : answer.fields;
  }

  @Nullable private Answer answer(@Nullable MappingMetadata mapping) {
    if (mapping == null) {
      return null;
    }
    Answer known = answers.get(mapping.getSha256());
    if (known == null) {
      known = Answer.of(mapping);
      answers.put(mapping.getSha256(), known);
    }
    return known;
  }
}
