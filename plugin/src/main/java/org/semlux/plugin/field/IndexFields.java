package org.semlux.plugin.field;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.MappingMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.Index;

/** The {@code semlux_text} fields of indices, read once from each mapping that there is. */
final class IndexFields {
  private static final int MAX_INDICES = 1_000;

  /**
   * @param mapping that it was read from
   */
  private record Answer(Object mapping, Map<String, EncodedField> fields) {}

  private final Supplier<ClusterState> state;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  IndexFields(Supplier<ClusterState> state) {
    this.state = state;
  }

  /** Null where there is no such index. */
  @Nullable MappingMetadata mapping(Index index) {
    IndexMetadata metadata =
        state.get().metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(index);
    return metadata == null ? null : metadata.mapping();
  }

  /** By their paths; none where the index is gone. */
  Map<String, EncodedField> of(Index index) {
    return of(index.getUUID(), mapping(index));
  }

  Map<String, EncodedField> of(IndexMetadata index) {
    return of(index.getIndexUUID(), index.mapping());
  }

  private Map<String, EncodedField> of(String uuid, @Nullable MappingMetadata mapping) {
    if (mapping == null) {
      return Map.of();
    }
    Answer known = answers.get(uuid);
    if (known == null || known.mapping != mapping) {
      known = new Answer(mapping, EncodedField.of(mapping.sourceAsMap()));
      if (answers.size() >= MAX_INDICES) {
        answers.clear();
      }
      answers.put(uuid, known);
    }
    return known.fields;
  }
}
