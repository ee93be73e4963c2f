package org.semlux.plugin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.MemoryNeed;
import org.semlux.encoders.program.Torch;

/**
 * Loads model folders for the node's threads. PyTorch starts with the first model, so that a node
 * without models pays nothing for it.
 *
 * @param natives the folder of PyTorch's libraries; empty for {@link Torch#start()}'s own search
 * @param node threads, limits and log of this node
 */
public record EncoderLoader(Optional<Path> natives, EncoderOptions node)
    implements NodeModels.Loader {
  /**
   * @throws IllegalStateException when PyTorch cannot start here
   * @throws org.semlux.encoders.api.ModelException when the model cannot be used
   */
  @Override
  public Encoder load(Path folder, ModelOptions options) throws IOException {
    natives.ifPresentOrElse(Torch::start, Torch::start);
    return Encoder.load(folder, of(options));
  }

  @Override
  public MemoryNeed need(Path folder, ModelOptions options) throws IOException {
    natives.ifPresentOrElse(Torch::start, Torch::start); // which tells what precision auto is
    return MemoryNeed.of(folder, of(options));
  }

  private EncoderOptions of(ModelOptions model) {
    EncoderOptions options = node.withPrecision(model.precision());
    return model.maxBatchTokens() > 0
        ? options.withLimits(node.limits().withTokens(model.maxBatchTokens()))
        : options;
  }
}
