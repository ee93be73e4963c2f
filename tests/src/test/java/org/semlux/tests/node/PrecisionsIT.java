package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;

/** Each precision in a node: the same answer, as near as its numbers allow. */
@OnRealNode
class PrecisionsIT {
  private static final String BODY = "{\"texts\":[\"the dog walks by the river\"]}";

  @Test
  void everyPrecisionIsDeployedAndAnswersAlike(RealNode node) {
    for (Precision precision : Precision.values()) {
      node.deploy(RealNode.MODEL, "precision-" + precision, precision);
    }
    List<?> exact = encode(node, Precision.FLOAT32);
    for (Precision precision : Precision.values()) {
      assertThat(cosine(encode(node, precision), exact)).as("%s", precision).isGreaterThan(0.995);
    }
    assertThat(encode(node, Precision.INT8)).isNotEqualTo(exact);
    assertThat(bytes(node, Precision.INT8)).isLessThan(bytes(node, Precision.FLOAT32) * 2 / 3);
    for (Precision precision : Precision.values()) {
      node.rest().succeed("DELETE", "/_semlux/models/precision-" + precision, "");
    }
  }

  /** One dense golden each; {@link EveryModelIT} asks all of them in float32. */
  @TestFactory
  Stream<DynamicTest> everyArchitectureAnswersInEachPrecision(RealNode node) throws IOException {
    Map<String, Path> folders = new TreeMap<>();
    try (Stream<Path> children = Files.list(RealNode.MODEL.getParent())) {
      for (Path folder : children.sorted().toList()) {
        Path config = folder.resolve("config.json");
        if (folder.getFileName().toString().startsWith("dense-") && Files.exists(config)) {
          folders.putIfAbsent(JsonFile.read(config).requireString("model_type"), folder);
        }
      }
    }
    return folders.entrySet().stream()
        .flatMap(
            one ->
                Stream.of(Precision.BFLOAT16, Precision.INT8)
                    .map(
                        precision ->
                            DynamicTest.dynamicTest(
                                one.getKey() + " " + precision,
                                () -> check(node, one.getValue(), precision))));
  }

  /** Near the reference's answers, and not so near that it could be float32. */
  private static void check(RealNode node, Path folder, Precision precision) throws IOException {
    JsonObject golden = JsonFile.read(folder.resolve("expected.json")).object();
    JsonObject body = new JsonObject();
    body.add("texts", golden.get("texts"));
    String id = folder.getFileName().toString();
    node.deploy(folder, id, precision);
    try {
      Rest.Answer answer =
          node.rest().succeed("POST", "/_semlux/models/" + id + "/_encode", body.toString());
      double lowest = 1;
      JsonArray rows = golden.getAsJsonArray("embeddings");
      for (int i = 0; i < rows.size(); i++) {
        List<Double> row =
            rows.get(i).getAsJsonArray().asList().stream().map(JsonElement::getAsDouble).toList();
        lowest = Math.min(lowest, cosine((List<?>) answer.at("embeddings." + i), row));
      }
      assertThat(lowest).isBetween(0.85, 0.999999);
    } finally {
      node.rest().succeed("DELETE", "/_semlux/models/" + id, "");
    }
  }

  private static List<?> encode(RealNode node, Precision precision) {
    String path = "/_semlux/models/precision-" + precision + "/_encode";
    return (List<?>) node.rest().succeed("POST", path, BODY).at("embeddings.0");
  }

  private static long bytes(RealNode node, Precision precision) {
    Map<?, ?> nodes =
        (Map<?, ?>)
            node.rest()
                .succeed("GET", "/_semlux/models/precision-" + precision, "")
                .at("models.0.nodes");
    Map<?, ?> one = (Map<?, ?>) nodes.values().iterator().next();
    return ((Number) one.get("memory_in_bytes")).longValue();
  }

  private static double cosine(List<?> a, List<?> b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.size(); i++) {
      double x = ((Number) a.get(i)).doubleValue();
      double y = ((Number) b.get(i)).doubleValue();
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return ab / Math.sqrt(aa * bb);
  }
}
