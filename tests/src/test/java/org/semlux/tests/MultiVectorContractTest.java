package org.semlux.tests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Each text on both sides: the first, the last and the mean vector, so that all are equally long.
 */
class MultiVectorContractTest extends EncoderContractTest<MultiVectorEncoder> {
  @Override
  String prefix() {
    return "multi-vector-";
  }

  @Override
  MultiVectorEncoder load(Path folder, EncoderOptions options) throws IOException {
    return MultiVectorEncoder.load(folder, options);
  }

  @Override
  CompletableFuture<List<float[]>> submit(MultiVectorEncoder encoder, List<String> texts) {
    EncodeRequest request = EncodeRequest.of(texts);
    int dimensions = encoder.info().dimensions();
    return encoder
        .submit(request.withInputType(InputType.QUERY))
        .thenCombine(
            encoder.submit(request.withInputType(InputType.DOCUMENT)),
            (queries, documents) ->
                IntStream.range(0, texts.size())
                    .mapToObj(i -> both(queries.get(i), documents.get(i), dimensions))
                    .toList());
  }

  private static float[] both(TokenVectors query, TokenVectors document, int dimensions) {
    float[] all = Arrays.copyOf(summary(query, dimensions), 6 * dimensions);
    System.arraycopy(summary(document, dimensions), 0, all, 3 * dimensions, 3 * dimensions);
    return all;
  }

  private static float[] summary(TokenVectors text, int dimensions) {
    float[] summary = new float[3 * dimensions];
    for (float[] vector : text.vectors()) {
      for (int d = 0; d < dimensions; d++) {
        summary[d] += vector[d] / text.tokens();
      }
    }
    if (text.tokens() > 0) {
      System.arraycopy(text.vectors()[0], 0, summary, dimensions, dimensions);
      float[] last = text.vectors()[text.tokens() - 1];
      System.arraycopy(last, 0, summary, 2 * dimensions, dimensions);
    }
    return summary;
  }
}
