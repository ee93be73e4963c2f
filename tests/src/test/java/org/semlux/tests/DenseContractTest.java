package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
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

  @Override
  void assertNear(String golden, float[] bfloat16, float[] float32) {
    // Gemma's random ones norm what is small again: .9948 was the lowest of 150 texts.
    double least = golden.contains("gemma3") ? 0.99 : 0.999;
    assertThat(cosine(bfloat16, float32)).isGreaterThan(least);
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
