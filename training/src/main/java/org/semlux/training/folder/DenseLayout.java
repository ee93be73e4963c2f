package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;

/**
 * What makes a transformer's folder a dense encoder: the module list and the modules' settings, as
 * sentence-transformers 6 writes them.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("model"); // has config.json, tokenizer.json and model.safetensors
 * new DenseLayout(384, List.of("mean"), true).write(folder); // now it has modules.json as well
 * }
 *
 * @param dimensions width of the transformer's token states
 * @param pooling modes such as {@code mean}; several are concatenated
 * @param normalize whether vectors get length 1
 */
public record DenseLayout(int dimensions, List<String> pooling, boolean normalize) {
  private static final String VERSION = "6.2.0";
  private static final String PACKAGE = "sentence_transformers.";

  public DenseLayout {
    pooling = List.copyOf(pooling);
    if (dimensions < 1 || pooling.isEmpty()) {
      throw new IllegalArgumentException(
          "no layout of " + dimensions + " dimensions with pooling " + pooling);
    }
  }

  /** Writes the files into a folder that has {@code config.json} and the tokenizer's files. */
  public void write(Path folder) throws IOException {
    JsonArray modules = new JsonArray();
    modules.add(module(0, "", "base.modules.transformer.Transformer"));
    modules.add(module(1, "1_Pooling", "sentence_transformer.modules.pooling.Pooling"));
    if (normalize) {
      modules.add(module(2, "2_Normalize", "base.modules.normalize.Normalize"));
    }
    JsonFile.write(folder.resolve("modules.json"), modules, 2);
    writeSettings(folder);
    JsonFile.write(
        folder.resolve("sentence_bert_config.json"),
        transformer("feature-extraction", "last_hidden_state", "token_embeddings"),
        4);
    writePooling(Files.createDirectories(folder.resolve("1_Pooling")));
    if (normalize) {
      Path normalizeFolder = Files.createDirectories(folder.resolve("2_Normalize"));
      JsonFile.write(normalizeFolder.resolve("config.json"), normalize("sentence_embedding"), 4);
    }
  }

  /** Writes what a folder of any dense encoder says of itself. */
  public void writeSettings(Path folder) throws IOException {
    JsonFile.write(folder.resolve("config_sentence_transformers.json"), settings(), 2);
  }

  /** Writes the pooling's config into its own folder. */
  public void writePooling(Path folder) throws IOException {
    JsonFile.write(folder.resolve("config.json"), poolingConfig(), 4);
  }

  /**
   * An entry of {@code modules.json}.
   *
   * @param type the Python class, below the library's package
   */
  public static JsonObject module(int index, String path, String type) {
    JsonObject module = new JsonObject();
    module.addProperty("idx", index);
    module.addProperty("name", Integer.toString(index));
    module.addProperty("path", path);
    module.addProperty("type", PACKAGE + type);
    return module;
  }

  /** Settings that so far only say which release writes them like this. */
  public static JsonObject version() {
    JsonObject version = new JsonObject();
    version.addProperty("sentence_transformers", VERSION);
    JsonObject settings = new JsonObject();
    settings.add("__version__", version);
    return settings;
  }

  /** That nothing stands before texts of either side. */
  static JsonObject noPrompts() {
    JsonObject prompts = new JsonObject();
    prompts.addProperty("document", "");
    prompts.addProperty("query", "");
    return prompts;
  }

  private static JsonObject settings() {
    JsonObject settings = version();
    settings.add("default_prompt_name", JsonNull.INSTANCE);
    settings.addProperty("model_type", "SentenceTransformer");
    settings.add("prompts", noPrompts());
    settings.addProperty("similarity_fn_name", "cosine");
    return settings;
  }

  /**
   * What {@code sentence_bert_config.json} says of a transformer.
   *
   * @param task its head's, in Hugging Face's words
   * @param output of its class's {@code forward}
   * @param name what the library calls that
   */
  public static JsonObject transformer(String task, String output, String name) {
    JsonObject text = new JsonObject();
    text.addProperty("method", "forward");
    text.addProperty("method_output_name", output);
    JsonObject modalities = new JsonObject();
    modalities.add("text", text);
    JsonObject transformer = new JsonObject();
    transformer.addProperty("transformer_task", task);
    transformer.add("modality_config", modalities);
    transformer.addProperty("module_output_name", name);
    return transformer;
  }

  private JsonObject poolingConfig() {
    JsonObject config = new JsonObject();
    config.addProperty("embedding_dimension", dimensions);
    if (pooling.size() == 1) {
      config.addProperty("pooling_mode", pooling.get(0));
    } else {
      JsonArray modes = new JsonArray();
      pooling.forEach(modes::add);
      config.add("pooling_mode", modes);
    }
    config.addProperty("include_prompt", true);
    return config;
  }

  /** The config of what gives vectors length 1. */
  static JsonObject normalize(String vectors) {
    JsonObject config = new JsonObject();
    config.addProperty("module_input_name", vectors);
    config.addProperty("module_output_name", vectors);
    return config;
  }
}
