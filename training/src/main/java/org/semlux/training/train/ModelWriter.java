package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.SafetensorsWriter;

/** Writes model folders that differ from another one in their weights. */
public final class ModelWriter {
  private ModelWriter() {}

  /**
   * Writes a model as it is now.
   *
   * @param base the folder that the weights were read from
   * @param target an empty folder
   */
  static void write(Path base, TrainedWeights weights, Path target) throws IOException {
    Set<Path> trained = weights.files();
    for (Path file : ModelFiles.of(base)) {
      Path from = base.resolve(file);
      Path to = target.resolve(file);
      Files.createDirectories(to.getParent());
      if (trained.contains(from)) {
        Safetensors before = Safetensors.open(from);
        SafetensorsWriter.write(to, before.names(), weights.now(from, before), bytes -> {});
      } else if (!isOptimizer(file)) {
        Files.copy(from, to);
      }
    }
  }

  private static boolean isOptimizer(Path file) {
    return file.getFileName().toString().equals(Trainer.OPTIMIZER);
  }

  /** Copies a checkpoint's model, without what only the next step needs, over an older copy. */
  public static void copy(Path checkpoint, Path target) throws IOException {
    for (Path file : ModelFiles.of(checkpoint)) {
      if (!isOptimizer(file)) {
        Path to = target.resolve(file);
        Files.createDirectories(to.getParent());
        Files.copy(checkpoint.resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
