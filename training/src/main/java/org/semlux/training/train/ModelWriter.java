package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.SafetensorsWriter;

/**
 * Writes model folders that differ from another one in their weights.
 *
 * {@snippet lang=java :
 * Checkpoints checkpoints = new Checkpoints(Path.of("run"));
 * ModelWriter.copy(checkpoints.of(500), Path.of("model")); // without the optimizer's state
 * }
 */
public final class ModelWriter {
  private ModelWriter() {}

  /**
   * Writes a model as it is now.
   *
   * @param base the folder that the weights were read from
   * @param target an empty folder
   * @throws IllegalArgumentException when weights come from files that the folder's model lacks
   */
  static void write(Path base, TrainedWeights weights, Path target) throws IOException {
    Set<Path> left = weights.files();
    for (Path file : ModelFiles.of(base)) {
      Path from = base.resolve(file);
      Path to = target.resolve(file);
      Files.createDirectories(to.getParent());
      if (left.remove(from)) {
        Safetensors before = Safetensors.open(from);
        SafetensorsWriter.write(to, before.names(), weights.now(from, before), bytes -> {});
      } else {
        Files.copy(from, to);
      }
    }
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "the trained weights of " + left + " have no file in " + base + " to be written as");
    }
  }

  /** Copies a checkpoint's model, without what only the next step needs, over an older copy. */
  public static void copy(Path checkpoint, Path target) throws IOException {
    for (Path file : ModelFiles.of(checkpoint)) {
      Path to = target.resolve(file);
      Files.createDirectories(to.getParent());
      Files.copy(checkpoint.resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
