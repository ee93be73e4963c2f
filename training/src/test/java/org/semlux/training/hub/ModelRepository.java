package org.semlux.training.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Folders as models lie on hubs: with all that has been saved beside the model. */
public final class ModelRepository {
  /** Small models of random weights that the module tests keeps; read only. */
  static final Path GOLDENS =
      Path.of(System.getProperty("basedir", "."))
          .resolve("../tests/src/test/resources/goldens")
          .normalize();

  private ModelRepository() {}

  /** A dense model with two files of weights, one of them in a folder of its own. */
  public static Path of(Path folder) throws IOException {
    copy(GOLDENS.resolve("dense-bert-mean-dense"), folder);
    for (String other :
        List.of(
            "README.md",
            ".gitattributes",
            "pytorch_model.bin",
            "2_Dense/pytorch_model.bin",
            "onnx/config.json",
            "onnx/model.onnx",
            "openvino/openvino_model.xml",
            "checkpoint-10/config.json",
            "checkpoint-10/model.safetensors",
            "train_script.py")) {
      Files.createDirectories(folder.resolve(other).getParent());
      Files.writeString(folder.resolve(other), "content of " + other);
    }
    return folder;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** The contents of all files by their paths. */
  public static Map<String, Integer> contents(Path folder) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  /** What a download of {@link #of} has to bring. */
  public static Map<String, Integer> needed(Path folder) throws IOException {
    Map<String, Integer> needed = contents(folder);
    needed
        .keySet()
        .removeIf(
            path ->
                path.matches("(onnx|openvino|checkpoint-10)/.*|.*\\.(bin|md|py)|\\.gitattributes")
                    || path.equals("expected.json"));
    return needed;
  }
}
