package org.semlux.plugin.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticsearch.common.Strings;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;

public class ModelStatusTests extends ESTestCase {
  private static final ModelManifest MANIFEST =
      new ModelManifest(List.of(new ModelFile("a", 25, "0".repeat(64))), 10, ModelOptions.DEFAULT);
  private static final ModelDefinition PUT = new ModelDefinition("m", 7, 0, MANIFEST);
  private static final ModelDefinition DEPLOYED = PUT.withDeployed(true);
  private static final NodeModel.Shape SHAPE =
      new NodeModel.Shape(EncoderKind.DENSE, 384, 256, 32, Precision.FLOAT32, "faster", 99);

  public void testStateIsThatOfTheSlowestNode() {
    NodeModel loading = NodeModel.deploying(DEPLOYED, "");
    NodeModel loaded = NodeModel.deployed(DEPLOYED, SHAPE);
    NodeModel failed = NodeModel.failed(DEPLOYED, "why");
    PartSet all = PartSet.all(3);
    assertEquals(ModelState.UPLOADING, state(PUT, PartSet.all(2), Map.of()));
    assertEquals(ModelState.UPLOADED, state(PUT, all, Map.of()));
    assertEquals(ModelState.DEPLOYING, state(DEPLOYED, all, Map.of()));
    assertEquals(ModelState.DEPLOYING, state(DEPLOYED, all, Map.of("a", loaded, "b", loading)));
    assertEquals(ModelState.DEPLOYING, state(DEPLOYED, all, Map.of("a", failed, "b", loading)));
    assertEquals(ModelState.FAILED, state(DEPLOYED, all, Map.of("a", loaded, "b", failed)));
    assertEquals(ModelState.DEPLOYED, state(DEPLOYED, all, Map.of("a", loaded, "b", loaded)));
    NodeModel silent = NodeModel.noAnswer(DEPLOYED, "it did not answer in time");
    assertEquals(ModelState.DEPLOYING, state(DEPLOYED, all, Map.of("a", loaded, "b", silent)));
    assertEquals(ModelState.DELETING, state(DEPLOYED.withDeleting(), all, Map.of()));
  }

  private static ModelState state(
      ModelDefinition model, PartSet parts, Map<String, NodeModel> nodes) {
    return new ModelStatus(model, List.of(), parts, nodes, Map.of()).state();
  }

  public void testJson() {
    NodeModel failed = new NodeModel(7, ModelState.FAILED, "why", Optional.of(SHAPE));
    assertEquals(
        "{\"id\":\"m\",\"aliases\":[\"x\"],\"kind\":\"dense\",\"state\":\"failed\",\"serving_nodes\":0,\"dimensions\":384,\"max_tokens\":256,\"max_query_tokens\":32,"
            + "\"version\":\""
            + DEPLOYED.manifest().version()
            + "\",\"size_in_bytes\":25,\"created_at_millis\":0,\"options\":{\"precision\":\"auto\"},"
            + "\"parts\":{\"expected\":3,\"received\":[[0,2]]},"
            + "\"nodes\":{\"n\":{\"name\":\"node-1\",\"state\":\"failed\",\"reason\":\"why\",\"precision\":\"float32\",\"precision_reason\":\"faster\",\"memory_in_bytes\":99}}}",
        Strings.toString(
            new ModelStatus(
                DEPLOYED,
                List.of("x"),
                PartSet.all(3),
                Map.of("n", failed),
                Map.of("n", "node-1"))));
  }
}
