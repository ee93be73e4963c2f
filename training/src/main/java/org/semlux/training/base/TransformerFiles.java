package org.semlux.training.base;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.ChatTemplates;
import org.semlux.training.folder.ModelFiles;

/**
 * What the folders of all Hugging Face transformers have in common.
 *
 * {@snippet lang=java :
 * Path from = Path.of("bert");
 * Path to = Files.createDirectory(Path.of("splade"));
 * TransformerFiles.copyTokenizer(from, to);
 * JsonObject stored = JsonFile.read(from.resolve("config.json")).object();
 * JsonObject config = TransformerFiles.config("bert", stored, "ForMaskedLM");
 * JsonFile.write(to.resolve("config.json"), config, 2);
 * }
 */
public final class TransformerFiles {
  private TransformerFiles() {}

  /** Copies the files that a tokenizer is read from. */
  public static void copyTokenizer(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (ModelFiles.isOfTokenizer(name)) {
          Files.write(to.resolve(name), Files.readAllBytes(file));
        }
      }
    }
    for (Path file : ChatTemplates.named(from)) {
      Path copy = to.resolve(from.relativize(file));
      Files.createDirectories(copy.getParent());
      Files.write(copy, Files.readAllBytes(file));
    }
  }

  /** The config of float32 weights: transformers rounds to what it says. */
  static JsonObject inFloat32(JsonObject stored) {
    JsonObject config = stored.deepCopy();
    config.remove("torch_dtype"); // the older name
    config.addProperty("dtype", "float32");
    return config;
  }

  /**
   * A config for another head, with float32 weights.
   *
   * @param head what the Python class ends in, such as {@code ForMaskedLM} or {@code Model}
   * @throws org.semlux.encoders.api.ModelException when the architecture is unknown
   */
  public static JsonObject config(String model, JsonObject stored, String head) {
    JsonObject config = stored.deepCopy();
    String type = stored.get("model_type").getAsString();
    JsonArray architectures = new JsonArray();
    architectures.add(Networks.architecture(model, type).pythonClass() + head);
    config.add("architectures", architectures);
    return inFloat32(config);
  }
}
