package org.semlux.plugin.model;

import java.util.Optional;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.routing.IndexRoutingTable;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.indices.SystemIndexDescriptor;
import org.elasticsearch.ingest.IngestService;

/** The system index that {@link ModelStore} reads and writes. */
public final class ModelsIndex {
  static final String NAME = ".semlux-models-1";

  /**
   * With security on only origins that the server knows are let in; that of ingest is the nearest.
   */
  static final String ORIGIN = IngestService.INGEST_ORIGIN;

  private ModelsIndex() {}

  /** What the server creates with the first part and lets no REST call touch. */
  public static SystemIndexDescriptor descriptor() {
    return SystemIndexDescriptor.builder()
        .setIndexPattern(".semlux-models-*")
        .setPrimaryIndex(NAME)
        .setAliasName(".semlux-models")
        .setDescription("Parts of the files of Semlux models")
        .setOrigin(ORIGIN)
        .setNetNew()
        .setSettings(
            Settings.builder()
                .put("index.number_of_shards", 1)
                .put("index.auto_expand_replicas", "0-1")
                .build())
        .setMappings(
            """
            {"_doc": {
              "dynamic": "strict",
              "_meta": {"version": "1", "managed_index_mappings_version": 1},
              "properties": {
                "model": {"type": "keyword"},
                "generation": {"type": "long"},
                "part": {"type": "integer"},
                "data": {"type": "binary"}
              }
            }}""")
        .build();
  }

  /**
   * Whether parts can be read now: while a cluster starts, the index is there before its shard is.
   */
  static boolean isReadable(ClusterState state) {
    IndexRoutingTable shards = state.routingTable(Metadata.DEFAULT_PROJECT_ID).index(NAME);
    return shards != null && shards.allPrimaryShardsActive();
  }

  /** Its UUID, if it is there: one that comes out of a snapshot has a new one. */
  static Optional<String> uuid(ClusterState state) {
    return Optional.ofNullable(state.metadata().getProject(Metadata.DEFAULT_PROJECT_ID).index(NAME))
        .map(IndexMetadata::getIndexUUID);
  }
}
