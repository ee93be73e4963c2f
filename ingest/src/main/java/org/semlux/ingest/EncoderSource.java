package org.semlux.ingest;

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
}
