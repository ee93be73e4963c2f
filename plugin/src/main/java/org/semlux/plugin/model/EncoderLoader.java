package org.semlux.plugin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.batch.BatchLimits;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;

/**
 * Loads model folders for the node's threads. PyTorch starts with the first model, so that a node
 * without models pays nothing for it.
 *
 * @param natives the folder of PyTorch's libraries; empty for {@link Torch#start()}'s own search
 * @param queueBytes of text that may wait for one model
 */
public record EncoderLoader(Optional<Path> natives, Workers workers, long queueBytes)
    implements NodeModels.Loader {
  /**
   * @throws IllegalStateException when PyTorch cannot start here
   * @throws org.semlux.encoders.api.ModelException when the model cannot be used
   */
  @Override
  public Encoder load(Path folder, ModelOptions options) throws IOException {
    natives.ifPresentOrElse(Torch::start, Torch::start);
    int tokens =
        options.maxBatchTokens() > 0 ? options.maxBatchTokens() : BatchLimits.defaults().tokens();
    BatchLimits limits = new BatchLimits(tokens, queueBytes);
    return Encoder.load(folder, new EncoderOptions(options.precision(), workers, limits));
  }
}
