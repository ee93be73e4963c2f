package org.semlux.encoders.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;

/**
 * The weights of some modules: in each one's folder {@code model.safetensors}, whole or in shards.
 */
final class WeightFiles implements TensorSource {
  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Map<String, Safetensors> fileOf;

  private WeightFiles(Map<String, Safetensors> fileOf) {
    this.fileOf = fileOf;
  }

  static WeightFiles open(ModelFolder model, List<Path> folders) throws IOException {
    Map<String, Safetensors> fileOf = new LinkedHashMap<>();
    for (Path folder : folders) {
      open(model, folder, fileOf);
    }
    return new WeightFiles(fileOf);
  }

  /** The files of a folder that weights are read from, and the index that names them. */
  static List<Path> list(String model, Path root, Path folder) throws IOException {
    Optional<Path> first = first(folder);
    if (first.isEmpty() || first.get().endsWith(WHOLE)) {
      return first.stream().toList();
    }
    Set<Path> files = new LinkedHashSet<>(Set.of(first.get()));
    JsonFile names = JsonFile.read(first.get()).requireObject("weight_map");
    for (String tensor : names.object().keySet()) {
      files.add(shard(model, root, folder, names.requireString(tensor)));
    }
    return List.copyOf(files);
  }

  /** Where reading begins: at the weights themselves, or at the index of their shards. */
  private static Optional<Path> first(Path folder) {
    return Stream.of(WHOLE, INDEX).map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  private static void open(ModelFolder model, Path folder, Map<String, Safetensors> fileOf)
      throws IOException {
    Optional<Path> first = first(folder);
    if (first.isPresent() && first.get().endsWith(WHOLE)) {
      Safetensors whole = Safetensors.open(first.get());
      whole.names().forEach(name -> fileOf.put(name, whole));
    } else if (first.isPresent()) {
      openShards(model, folder, JsonFile.read(first.get()), fileOf);
    } else {
      String where = folder.equals(model.path()) ? "" : " in " + folder.getFileName();
      throw ModelException.of(model.name(), "no " + WHOLE + where + hint(folder));
    }
  }

  private static void openShards(
      ModelFolder model, Path folder, JsonFile index, Map<String, Safetensors> fileOf)
      throws IOException {
    JsonFile names = index.requireObject("weight_map");
    Map<String, Safetensors> opened = new LinkedHashMap<>();
    for (String tensor : names.object().keySet()) {
      String shard = names.requireString(tensor);
      if (!opened.containsKey(shard)) {
        opened.put(shard, Safetensors.open(shard(model.name(), model.path(), folder, shard)));
      }
      if (!opened.get(shard).names().contains(tensor)) {
        throw new ModelFileException(
            "%s lacks the tensor %s".formatted(shard, ModelException.brief(tensor)));
      }
      fileOf.put(tensor, opened.get(shard));
    }
  }

  /** The reference's library writes shards beside their index; a name with a path is none. */
  private static Path shard(String model, Path root, Path folder, String name) throws IOException {
    Path file = OwnFiles.named(model, root, folder, name);
    Path beside = folder.toAbsolutePath().normalize();
    if (!beside.equals(file.toAbsolutePath().getParent()) || Files.isDirectory(file)) {
      throw ModelException.of(
          model, INDEX + " names [" + ModelException.brief(name) + "], which is no file beside it");
    }
    return file;
  }

  private static String hint(Path folder) {
    if (Files.exists(folder.resolve("pytorch_model.bin"))) {
      return ": pytorch_model.bin is a pickle, which can run code when it is read; convert it in "
          + "Python with save_pretrained(folder, safe_serialization=True)";
    }
    if (Files.exists(folder.resolve("model.onnx"))
        || Files.exists(folder.resolve("onnx").resolve("model.onnx"))) {
      return ": turn its ONNX file into a model folder with semlux import";
    }
    return "";
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(fileOf.keySet());
  }

  @Override
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(fileOf.get(name)).flatMap(file -> file.find(name));
  }

  @Override
  public Path file(String name) {
    return fileOf.get(name).file(name);
  }
}
