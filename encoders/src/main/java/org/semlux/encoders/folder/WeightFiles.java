package org.semlux.encoders.folder;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;

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

  static WeightFiles open(String model, List<Path> folders) throws IOException {
    Map<String, Safetensors> fileOf = new LinkedHashMap<>();
    for (Path folder : folders) {
      open(model, folder, fileOf);
    }
    return new WeightFiles(fileOf);
  }

  private static void open(String model, Path folder, Map<String, Safetensors> fileOf)
      throws IOException {
    if (Files.isRegularFile(folder.resolve(WHOLE))) {
      Safetensors whole = Safetensors.open(folder.resolve(WHOLE));
      whole.names().forEach(name -> fileOf.put(name, whole));
    } else if (Files.isRegularFile(folder.resolve(INDEX))) {
      openShards(folder, fileOf);
    } else {
      throw ModelException.of(model, "no " + WHOLE + " in " + folder + hint(folder));
    }
  }

  private static void openShards(Path folder, Map<String, Safetensors> fileOf) throws IOException {
    JsonFile index = JsonFile.read(folder.resolve(INDEX));
    Map<String, Safetensors> opened = new LinkedHashMap<>();
    JsonFile names =
        index
            .getObject("weight_map")
            .orElseThrow(() -> new IOException(index.file() + " lacks \"weight_map\""));
    for (Map.Entry<String, JsonElement> entry : names.object().entrySet()) {
      String shard = entry.getValue().getAsString();
      if (!opened.containsKey(shard)) {
        opened.put(shard, Safetensors.open(folder.resolve(shard)));
      }
      if (!opened.get(shard).names().contains(entry.getKey())) {
        throw new IOException(folder.resolve(shard) + " lacks the tensor " + entry.getKey());
      }
      fileOf.put(entry.getKey(), opened.get(shard));
    }
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
