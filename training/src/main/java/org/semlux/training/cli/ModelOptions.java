package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Calibration;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.FastestPrecision;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model, and what it computes in. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "The model folder.")
  Path folder;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "auto",
      description =
          "Numbers of the matrix products: bfloat16, float32, int8, or auto, which is what a measurement"
              + " finds fastest here.")
  Precision precision;

  static final String CALIBRATION =
      "For int8: texts of the kind that the model will read, one a line, some hundred. Default:"
          + " the build's own.";

  static final String CALIBRATION_OF_INT8 = "--calibration is for --precision int8 alone";

  @Option(names = "--calibration", paramLabel = "FILE", description = CALIBRATION)
  Path calibration;

  /** What the folder holds, which its small files say. */
  EncoderKind kind() throws IOException {
    return ModelFolder.open(folder).kind();
  }

  /** How to load it; warns of a precision that is slow here. */
  EncoderOptions options() throws IOException {
    new GivenOptions(command)
        .require(calibration == null || precision == Precision.INT8, CALIBRATION_OF_INT8);
    warnOfSlowness(precision, command);
    EncoderOptions options = EncoderOptions.defaults().withPrecision(precision);
    return calibration == null ? options : options.withCalibration(Calibration.read(calibration));
  }

  static void warnOfSlowness(Precision precision, CommandSpec command) {
    FastestPrecision.SERVING
        .slowness(precision)
        .ifPresent(
            slow ->
                command
                    .commandLine()
                    .getErr()
                    .println("semlux: " + slow + "; --precision auto takes the faster one"));
  }

  /** For a command that is not for this kind of model. */
  ModelException unsuited(String advice) throws IOException {
    ModelFolder model = ModelFolder.open(folder);
    return ModelException.of(model.name(), "it is a " + model.kind() + " model, " + advice);
  }
}
