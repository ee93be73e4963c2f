package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.SafetensorsWriter;

/**
 * A model whose weights lie between those of a base and those that it was trained to: it keeps what
 * the base knew of everything else (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903).
 *
 * {@snippet lang=java :
 * // A fifth of the base's weights, the rest those that were trained.
 * WeightMean.write(
 *     Path.of("base"), .2, Path.of("trained"), Files.createDirectory(Path.of("mean")));
 * }
 */
public final class WeightMean {
  private WeightMean() {}

  /**
   * Writes the model.
   *
   * @param share of the base's weights, from 0 to 1
   * @param trained a model of the same files
   * @param target an empty folder
   * @throws IOException when the base lacks a tensor or has another shape of it
   */
  public static void write(Path base, double share, Path trained, Path target) throws IOException {
    for (Path file : ModelFiles.of(trained)) {
      Path to = target.resolve(file);
      Files.createDirectories(to.getParent());
      if (file.toString().endsWith(".safetensors")) {
        Safetensors after = Safetensors.open(trained.resolve(file));
        TensorSource before = Safetensors.open(base.resolve(file));
        SafetensorsWriter.write(to, after.names(), between(before, share, after), bytes -> {});
      } else {
        Files.copy(trained.resolve(file), to);
      }
    }
  }

  private static TensorSource between(TensorSource before, double share, TensorSource after) {
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return after.names();
      }

      @Override
      public Optional<StoredTensor> find(String name) {
        return after.find(name).map(tensor -> mean(before.find(name), share, tensor));
      }
    };
  }

  private static StoredTensor mean(
      Optional<StoredTensor> before, double share, StoredTensor after) {
    if (after.dtype() != Dtype.F32) { // what training leaves alone
      return after;
    }
    float[] numbers = after.toFloats();
    float[] old = before.map(StoredTensor::toFloats).orElse(new float[0]);
    if (old.length != numbers.length) {
      throw new IllegalArgumentException(
          "the base has no tensor [" + after.name() + "] of this size to take a mean with");
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (share * old[i] + (1 - share) * numbers[i]);
    }
    return StoredTensor.ofFloats(after.name(), numbers, after.shape());
  }
}
