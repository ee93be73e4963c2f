package org.semlux.plugin.model;

import java.util.Map;
import java.util.Optional;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.gateway.GatewayService;

/**
 * What a cluster state says to a node's models.
 *
 * @param metadata the models that the cluster knows
 * @param storeReadable whether parts can be fetched now
 * @param known whether a state has said so
 */
record ClusterView(SemluxMetadata metadata, boolean storeReadable, boolean known) {
  /** Before anything is known. */
  static final ClusterView NONE = new ClusterView(SemluxMetadata.EMPTY, false, false);

  /**
   * Empty while the state is not yet read from disk: that it then knows no models does not mean
   * that there are none.
   */
  static Optional<ClusterView> of(ClusterState state) {
    if (state.blocks().hasGlobalBlock(GatewayService.STATE_NOT_RECOVERED_BLOCK)) {
      return Optional.empty();
    }
    return Optional.of(
        new ClusterView(SemluxMetadata.of(state), ModelsIndex.isReadable(state), true));
  }

  /** Every model, by its id. */
  Map<String, ModelDefinition> models() {
    return metadata.models();
  }

  Optional<ModelDefinition> deployed(String id) {
    return metadata.find(id).filter(ModelDefinition::deployed);
  }

  boolean wants(ModelDefinition model) {
    return deployed(model.id()).filter(model::sameUpload).isPresent();
  }
}
