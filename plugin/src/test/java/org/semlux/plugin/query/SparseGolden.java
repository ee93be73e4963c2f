package org.semlux.plugin.query;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;

/** A SPLADE model of 32 dimensions with random weights, of the goldens of the module tests. */
public final class SparseGolden {
  public static final Path FOLDER =
      Path.of("../tests/src/test/resources/goldens/sparse-bert").toAbsolutePath();

  private SparseGolden() {}

  static SparseEncoder load(Workers workers) throws IOException {
    return SparseEncoder.load(
        FOLDER, EncoderOptions.defaults().withPrecision(Precision.FLOAT32).withWorkers(workers));
  }
}
