package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

class DenseContractTest extends EncoderContractTest<DenseEncoder> {
  @Override
  String prefix() {
    return "dense-";
  }

  @Override
  DenseEncoder load(Path folder, EncoderOptions options) throws IOException {
    return DenseEncoder.load(folder, options);
  }

  @Override
  CompletableFuture<List<float[]>> submit(DenseEncoder encoder, List<String> texts) {
    return encoder
        .submit(EncodeRequest.of(texts))
        .thenApply(vectors -> vectors.stream().map(DenseVector::values).toList());
  }

  @TestFactory
  Stream<DynamicTest> bfloat16PointsTheSameWay() throws IOException {
    return folders()
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> compare(folder)));
  }

  private void compare(Path folder) throws IOException {
    EncoderOptions rounded = EncoderOptions.defaults().withPrecision(Precision.BFLOAT16);
    try (DenseEncoder exact = load(folder, float32());
        DenseEncoder fast = load(folder, rounded)) {
      List<float[]> expected = answers(exact, corpus());
      List<float[]> actual = answers(fast, corpus());
      for (int i = 0; i < expected.size(); i++) {
        assertThat(cosine(actual.get(i), expected.get(i))).as("text %d", i).isGreaterThan(0.999);
      }
    }
  }

  /** 1 for two zero vectors: the same answer to a text without words. */
  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return aa == 0 && bb == 0 ? 1 : ab / Math.sqrt(aa * bb);
  }

  @Override
  double int8Loss() {
    return 0.1;
  }
}
