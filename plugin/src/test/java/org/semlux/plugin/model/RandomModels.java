package org.semlux.plugin.model;

import static org.elasticsearch.test.ESTestCase.randomAlphaOfLengthBetween;
import static org.elasticsearch.test.ESTestCase.randomBoolean;
import static org.elasticsearch.test.ESTestCase.randomFrom;
import static org.elasticsearch.test.ESTestCase.randomIntBetween;
import static org.elasticsearch.test.ESTestCase.randomLongBetween;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;

/** Any valid definitions, for what must hold for all of them. */
public final class RandomModels {
  private RandomModels() {}

  static ModelFile file(String path) {
    String hash =
        IntStream.range(0, 64)
            .mapToObj(i -> randomFrom("0", "9", "a", "f"))
            .reduce("", String::concat);
    return new ModelFile(path, randomLongBetween(1, 1_000), hash);
  }

  public static ModelManifest manifest() {
    List<ModelFile> files = new ArrayList<>();
    for (int i = randomIntBetween(1, 4); i > 0; i--) {
      files.add(file("folder" + i + "/" + randomAlphaOfLengthBetween(1, 8)));
    }
    ModelOptions options =
        randomBoolean()
            ? ModelOptions.DEFAULT
            : new ModelOptions(randomFrom(Precision.values()), randomIntBetween(0, 4096));
    return new ModelManifest(files, randomIntBetween(1, ModelManifest.MAX_PART_SIZE), options);
  }

  static String id() {
    return randomAlphaOfLengthBetween(1, 20).toLowerCase(Locale.ROOT)
        + randomFrom("", "-v1.5", "_2");
  }

  static ModelDefinition definition(String id) {
    return new ModelDefinition(
        id,
        randomLongBetween(1, 1L << 40),
        randomLongBetween(0, 1L << 42),
        randomBoolean(),
        randomLongBetween(0, 9),
        randomBoolean(),
        manifest());
  }

  static NodeModel nodeModel() {
    ModelState state = randomFrom(ModelState.DEPLOYING, ModelState.DEPLOYED, ModelState.FAILED);
    int tokens = randomFrom(1, 512, Integer.MAX_VALUE);
    Optional<NodeModel.Shape> shape =
        state == ModelState.DEPLOYED
            ? Optional.of(
                new NodeModel.Shape(
                    randomFrom(EncoderKind.values()),
                    randomIntBetween(1, 4096),
                    tokens,
                    randomFrom(tokens, randomIntBetween(1, 8192)),
                    randomFrom(Precision.values()),
                    ESTestCase.randomAlphaOfLength(8),
                    randomLongBetween(0, 1L << 40)))
            : Optional.empty();
    String reason = state == ModelState.FAILED ? ESTestCase.randomAlphaOfLength(12) : "";
    return new NodeModel(randomLongBetween(0, 1L << 40), state, reason, shape);
  }
}
