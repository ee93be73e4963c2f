package org.semlux.plugin;

import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.model.ClusterModels;

/**
 * The cluster's models, for what is registered before the node has its components, such as
 * processors and queries: asked by none before {@link #set}.
 */
final class LateModels implements EncoderSource {
  private volatile ClusterModels models;

  void set(ClusterModels all) {
    models = all;
  }

  @Override
  public Encoder encoder(String modelId) {
    return models.encoder(modelId);
  }

  @Override
  public CompletableFuture<Void> ready(String modelId) {
    return models.ready(modelId);
  }

  @Override
  public DeployedModel model(String modelId) {
    return models.model(modelId);
  }

  @Override
  public DeployedModel model(String modelId, String version) {
    return models.model(modelId, version);
  }

  @Override
  public String id(String idOrAlias) {
    return models.id(idOrAlias);
  }

  @Override
  public String version(String modelId) {
    return models.version(modelId);
  }
}
