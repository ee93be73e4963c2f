package org.semlux.plugin.model;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Where a model stands in the cluster.
 *
 * @param aliases its other names
 * @param received the parts in the store
 * @param nodes where it stands on each enabled node, and on those that gave no answer, by the
 *     node's id; empty unless it is deployed
 * @param names of these nodes, by their ids
 */
public record ModelStatus(
    ModelDefinition model,
    List<String> aliases,
    PartSet received,
    Map<String, NodeModel> nodes,
    Map<String, String> names)
    implements ToXContentObject {

  /**
   * Deployed is what every enabled node has loaded; one that failed makes the model failed, and one
   * that does not answer may be on its way in.
   */
  public ModelState state() {
    if (model.deleting()) {
      return ModelState.DELETING;
    }
    if (!model.deployed()) {
      boolean complete = received.missingOf(model.manifest().parts()).count() == 0;
      return complete ? ModelState.UPLOADED : ModelState.UPLOADING;
    }
    if (nodes.isEmpty() || has(ModelState.DEPLOYING) || has(ModelState.NO_ANSWER)) {
      return ModelState.DEPLOYING;
    }
    return has(ModelState.FAILED) ? ModelState.FAILED : ModelState.DEPLOYED;
  }

  private static boolean serves(NodeModel node) {
    return node.state() == ModelState.DEPLOYED;
  }

  private boolean has(ModelState state) {
    return nodes.values().stream().anyMatch(node -> node.state() == state);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject().field("id", model.id()).field("aliases", aliases);
    Optional<NodeModel.Shape> shape =
        nodes.values().stream().flatMap(node -> node.shape().stream()).findFirst();
    if (shape.isPresent()) {
      builder.field("kind", shape.get().kind().name().toLowerCase(Locale.ROOT));
    }
    builder.field("state", state().toString());
    if (model.deployed()) { // one that failed on some nodes is served by the others
      builder.field("serving_nodes", nodes.values().stream().filter(ModelStatus::serves).count());
    }
    if (shape.isPresent()) {
      builder.field("dimensions", shape.get().dimensions());
      builder.field("max_tokens", shape.get().maxTokens());
      if (shape.get().maxQueryTokens() != shape.get().maxTokens()) {
        builder.field("max_query_tokens", shape.get().maxQueryTokens());
      }
    }
    builder.field("version", model.manifest().version());
    builder.field("size_in_bytes", model.manifest().size());
    builder.timestampFieldsFromUnixEpochMillis(
        "created_at_millis", "created_at", model.createdMillis());
    builder.field("options", model.manifest().options());
    builder.startObject("parts").field("expected", model.manifest().parts());
    builder.field("received", received).endObject();
    builder.startObject("nodes");
    for (Map.Entry<String, NodeModel> node : nodes.entrySet()) {
      builder.startObject(node.getKey()).field("name", names.get(node.getKey()));
      node.getValue().toXContent(builder, params).endObject();
    }
    return builder.endObject().endObject();
  }
}
