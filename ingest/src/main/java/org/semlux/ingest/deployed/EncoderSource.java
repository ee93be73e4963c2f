package org.semlux.ingest.deployed;

import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.Encoder;

/** The models that are deployed. */
public interface EncoderSource {
  /**
   * The encoder of a model that this node has loaded, to be used at once: it may be closed when the
   * model is undeployed.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status, naming the model: unknown, not
   *     deployed, still loading, failed, or this node takes no part
   */
  Encoder encoder(String modelId);

  /**
   * Done when it is known whether the model can be asked here or elsewhere; at once, but on a node
   * that lacks it and has yet to hear of those that have it.
   */
  default CompletableFuture<Void> ready(String modelId) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * The model itself, here or, where this node has not loaded it, on a node that has; as far as is
   * known, see {@link #ready}.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status, naming the model, where there
   *     is none that can be asked now
   */
  default DeployedModel model(String modelId) {
    return new LoadedModel(modelId, encoder(modelId));
  }

  /**
   * The same where it is still of a {@link #version} that was asked for before.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status, where there is none that can be
   *     asked now, or another has taken its place: 503
   */
  default DeployedModel model(String modelId, String version) {
    return model(modelId);
  }

  /**
   * The id of the model that an alias stands for now; what is no alias is an id already. Both are
   * taken everywhere here: who asks more than once asks this first, as an alias may move.
   */
  default String id(String idOrAlias) {
    return idOrAlias;
  }

  /**
   * What tells this model from another one of the same id: the same on every node and after every
   * restart for the same files.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status where there is no such model
   */
  default String version(String modelId) {
    return encoder(modelId).info().name();
  }
}
