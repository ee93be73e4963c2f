package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.EncoderKind;
import org.semlux.encoders.EncoderOptions;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.program.Precision;
import picocli.CommandLine.Option;

/** Which model, and what it computes in. */
final class ModelOptions {
  @Option(names = "--model", paramLabel = "DIR", required = true, description = "The model folder.")
  Path folder;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "auto",
      description =
          "Numbers of the matrix products: bfloat16, float32, or auto, which is bfloat16 where the"
              + " CPU multiplies it natively.")
  Precision precision;

  Encoder load() throws IOException {
    return Encoder.load(folder, EncoderOptions.defaults().withPrecision(precision));
  }

  /** The model as a dense encoder, for what works on embeddings only. */
  DenseEncoder loadDense() throws IOException {
    Encoder encoder = load();
    if (encoder instanceof DenseEncoder dense) {
      return dense;
    }
    encoder.close();
    throw ModelException.of(
        encoder.info().name(),
        "a " + EncoderKind.DENSE + " model is needed, this is a " + encoder.info().kind() + " one");
  }
}
