package org.semlux.ingest.deployed;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.elasticsearch.core.Releasable;
import org.semlux.encoders.Encoder;

/**
 * The models that one document, or one ranking, asks for, each looked up once and in use from then
 * until this is closed. An alias that moves meanwhile, or a model that is replaced, would give its
 * texts two, or a mark of another than encoded them, or compare vectors that another has made; and
 * the former model may be deleted and closed while the document's other texts are cut. Thread-safe.
 */
public final class HeldModels implements EncoderSource, Releasable {
  private final EncoderSource all;
  private final Map<String, String> ids = new ConcurrentHashMap<>();
  private final Map<String, String> versions = new ConcurrentHashMap<>();
  private final Map<String, DeployedModel> models = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  public HeldModels(EncoderSource all) {
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
    String version = version(modelId);
    return models.computeIfAbsent(id(modelId), id -> held(all.model(id, version)));
  }

  private DeployedModel held(DeployedModel model) {
    var unused = model.ask(same -> closed);
    return model;
  }

  @Override
  public Encoder encoder(String modelId) {
    return all.encoder(id(modelId));
  }

  @Override
  public CompletableFuture<Void> ready(String modelId) {
    // An alias may move until a model is asked for, and what it stood for be deleted.
    return all.ready(ids.getOrDefault(modelId, modelId));
  }

  /** Lets the models go: they close when nobody else asks them and they are out of use. */
  @Override
  public void close() {
    closed.complete(null);
  }
}
