package org.semlux.plugin.model;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.semlux.ingest.deployed.DeployedModel;

/** The models that other nodes have loaded. Thread-safe; no method waits. */
public interface Elsewhere {
  /** For a node that is alone. */
  Elsewhere NOWHERE =
      new Elsewhere() {
        @Override
        public Optional<DeployedModel> model(ModelDefinition model) {
          return Optional.empty();
        }

        @Override
        public CompletableFuture<Void> look() {
          return CompletableFuture.completedFuture(null);
        }
      };

  /** A model that stands on at least one other node, as far as is known. */
  Optional<DeployedModel> model(ModelDefinition model);

  /**
   * Finds out anew what the other nodes have loaded.
   *
   * @return done when that is known, on the generic pool; one for all who ask at the same time
   */
  CompletableFuture<Void> look();
}
