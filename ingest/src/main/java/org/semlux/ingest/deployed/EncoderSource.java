package org.semlux.ingest.deployed;

import org.semlux.encoders.Encoder;

/** The encoders that are deployed on this node. */
public interface EncoderSource {
  /**
   * The encoder of a deployed model, to be used at once: it may be closed when the model is
   * undeployed.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status, naming the model: unknown, not
   *     deployed, still loading, failed, or this node takes no part
   */
  Encoder encoder(String modelId);

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
