package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.semlux.encoders.api.Precision;

/** Each precision in a node: the same answer, as near as its numbers allow. */
@ExtendWith(RealNode.Extension.class)
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
