package org.semlux.plugin.model;

import java.util.Map;
import java.util.Optional;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.gateway.GatewayService;

/**
 * What a cluster state says to a node's models.
 *
 * @param models every model that the cluster knows, by its id
 * @param storeReadable whether parts can be fetched now
 */
record ClusterView(Map<String, ModelDefinition> models, boolean storeReadable) {
  /** Before anything is known. */
  static final ClusterView NONE = new ClusterView(Map.of(), false);

  /**
   * Empty while the state is not yet read from disk: that it then knows no models does not mean
   * that there are none.
   */
  static Optional<ClusterView> of(ClusterState state) {
    if (state.blocks().hasGlobalBlock(GatewayService.STATE_NOT_RECOVERED_BLOCK)) {
      return Optional.empty();
    }
    return Optional.of(
        new ClusterView(SemluxMetadata.of(state).models(), ModelStore.isReadable(state)));
  }

  Optional<ModelDefinition> deployed(String id) {
    return Optional.ofNullable(models.get(id)).filter(ModelDefinition::deployed);
  }

  boolean wants(ModelDefinition model) {
    return deployed(model.id()).filter(model::sameUpload).isPresent();
  }
}
