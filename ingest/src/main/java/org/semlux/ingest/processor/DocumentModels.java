package org.semlux.ingest.processor;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * The models that one document asks for, each looked up once: an alias that moves meanwhile, or a
 * model that is replaced, would give its texts two, or a mark of another than encoded them.
 */
final class DocumentModels implements EncoderSource {
  private final EncoderSource all;
  private final Map<String, String> ids = new ConcurrentHashMap<>();
  private final Map<String, String> versions = new ConcurrentHashMap<>();
  private final Map<String, DeployedModel> models = new ConcurrentHashMap<>();

  DocumentModels(EncoderSource all) {
    this.all = all;
  }

  @Override
  public String id(String idOrAlias) {
    return ids.computeIfAbsent(idOrAlias, all::id);
  }

  @Override
  public String version(String modelId) {
    return versions.computeIfAbsent(id(modelId), all::version);
  }

  @Override
  public DeployedModel model(String modelId) {
    return models.computeIfAbsent(id(modelId), all::model);
  }

  @Override
  public Encoder encoder(String modelId) {
    return all.encoder(id(modelId));
  }

  @Override
  public CompletableFuture<Void> ready(String modelId) {
    return all.ready(id(modelId));
  }
}
