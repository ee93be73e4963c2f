package org.semlux.plugin.model;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * The cluster's deployed models, to be asked: on this node where it has loaded them, else on one
 * that has. Where there is none the error says why. Thread-safe; no method waits.
 */
public final class ClusterModels implements EncoderSource {
  private final ClusterService clusterService;
  private final NodeModels nodeModels;
  private final Elsewhere elsewhere;

  /**
   * @param elsewhere what answers for models that are not loaded here
   */
  public ClusterModels(ClusterService clusterService, NodeModels nodeModels, Elsewhere elsewhere) {
    this.clusterService = clusterService;
    this.nodeModels = nodeModels;
    this.elsewhere = elsewhere;
  }

  @Override
  public String id(String idOrAlias) {
    return nodeModels.view().metadata().resolve(idOrAlias);
  }

  @Override
  public Encoder encoder(String idOrAlias) {
    ModelDefinition model = deployed(known(), idOrAlias);
    return nodeModels.encoder(model).orElseThrow(() -> notLoaded(model));
  }

  @Override
  public CompletableFuture<Void> ready(String idOrAlias) {
    ClusterView now = nodeModels.view();
    return now.deployed(now.metadata().resolve(idOrAlias))
        .filter(model -> nodeModels.encoder(model).isEmpty() && elsewhere.model(model).isEmpty())
        .map(model -> elsewhere.look().thenAccept(seen -> {})) // one's own, to be cancelled
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  @Override
  public DeployedModel model(String idOrAlias) {
    return model(idOrAlias, model -> {});
  }

  @Override
  public DeployedModel model(String idOrAlias, String version) {
    return model(
        idOrAlias,
        model -> {
          if (!model.manifest().version().equals(version)) {
            throw new ElasticsearchStatusException(
                "model [{}] was replaced while it was asked: try again",
                RestStatus.SERVICE_UNAVAILABLE,
                model.id());
          }
        });
  }

  private DeployedModel model(String idOrAlias, Consumer<ModelDefinition> check) {
    while (true) {
      ClusterView now = known();
      ModelDefinition model = deployed(now, idOrAlias);
      check.accept(model);
      Optional<DeployedModel> found = nodeModels.loaded(model).or(() -> elsewhere.model(model));
      if (found.isPresent()) {
        return found.get();
      }
      if (now.equals(
          nodeModels.view())) { // else an alias may have moved meanwhile, and its model be closed
        throw notLoaded(model);
      }
    }
  }

  /**
   * The model of an upload as other nodes may ask it, if it is loaded here: also one that is out of
   * use and not closed yet, as who has begun to ask it goes on. It stays for their next request.
   *
   * @throws ElasticsearchStatusException where it is not: 503
   */
  public DeployedModel forOthers(String id, long generation) {
    return nodeModels
        .forOthers(id, generation)
        .orElseThrow(
            () ->
                new ElasticsearchStatusException(
                    "node [{}] has not loaded model [{}]",
                    RestStatus.SERVICE_UNAVAILABLE,
                    nodeName(),
                    id));
  }

  /** Another node has its answer: the next step that it asks for is on its way. */
  public void stayForOthers(String id, long generation) {
    nodeModels.forOthers(id, generation);
  }

  private static ModelDefinition deployed(ClusterView now, String idOrAlias) {
    String modelId = now.metadata().resolve(idOrAlias);
    now.metadata().require(modelId);
    return now.deployed(modelId)
        .orElseThrow(
            () ->
                new ElasticsearchStatusException(
                    "model [{}] is not deployed: POST /_semlux/models/{}/_deploy first",
                    RestStatus.CONFLICT,
                    modelId,
                    modelId));
  }

  @Override
  public String version(String idOrAlias) {
    SemluxMetadata metadata = known().metadata();
    return metadata.require(metadata.resolve(idOrAlias)).manifest().version();
  }

  /** What the cluster says; it may say nothing yet, which is not that there are no models. */
  private ClusterView known() {
    ClusterView now = nodeModels.view();
    if (!now.known()) {
      throw new ElasticsearchStatusException(
          "node [{}] does not know the cluster's models yet: try again shortly",
          RestStatus.SERVICE_UNAVAILABLE,
          nodeName());
    }
    return now;
  }

  private ElasticsearchException notLoaded(ModelDefinition model) {
    if (!nodeModels.enabled()) {
      return new ElasticsearchStatusException(
          "node [{}] does not run models, semlux.node.enabled is false, and no other node has"
              + " loaded model [{}] yet: try again shortly",
          RestStatus.SERVICE_UNAVAILABLE,
          nodeName(),
          model.id());
    }
    NodeModel status = nodeModels.status(model);
    // Never 409, though waiting may not help: who ships documents drops what is answered so.
    if (status.state() == ModelState.FAILED && nodeModels.isTriedAgain(model)) {
      return new ElasticsearchStatusException(
          "model [{}] could not be loaded on node [{}] yet: {}",
          RestStatus.SERVICE_UNAVAILABLE,
          model.id(),
          nodeName(),
          status.reason());
    }
    if (status.state() == ModelState.FAILED) {
      return new ElasticsearchStatusException(
          "model [{}] could not be loaded on node [{}]: {}; POST /_semlux/models/{}/_deploy tries"
              + " again",
          RestStatus.SERVICE_UNAVAILABLE,
          model.id(),
          nodeName(),
          status.reason(),
          model.id());
    }
    return new ElasticsearchStatusException(
        "model [{}] is still being loaded on node [{}]: try again shortly",
        RestStatus.SERVICE_UNAVAILABLE,
        model.id(),
        nodeName());
  }

  private String nodeName() {
    return clusterService.getNodeName();
  }
}
