package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * What makes a masked language model's folder a SPLADE encoder: the module list and the modules'
 * settings, as sentence-transformers 6 writes them.
 *
 * @param base the folder of the encoder that this one is made of: its prompts, its similarity and
 *     where it cuts texts are taken over
 */
public record SpladeLayout(ModelFolder base) {
  /** Settings beside the weights that say how a text is read. */
  private static final List<String> READING = List.of("max_seq_length", "do_lower_case");

  /** Writes the files into a folder that has {@code config.json} and the tokenizer's files. */
  public void write(Path folder) throws IOException {
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", "base.modules.transformer.Transformer"));
    modules.add(
        DenseLayout.module(
            1, "1_SpladePooling", "sparse_encoder.modules.splade_pooling.SpladePooling"));
    JsonFile.write(folder.resolve("modules.json"), modules, 2);
    JsonFile.write(folder.resolve("config_sentence_transformers.json"), settings(), 2);
    JsonFile.write(folder.resolve("sentence_bert_config.json"), transformer(), 4);
    JsonObject pooling = new JsonObject();
    pooling.addProperty("pooling_strategy", "max");
    pooling.addProperty("activation_function", "relu");
    pooling.add("embedding_dimension", JsonNull.INSTANCE);
    Path poolingFolder = Files.createDirectories(folder.resolve("1_SpladePooling"));
    JsonFile.write(poolingFolder.resolve("config.json"), pooling, 4);
  }

  private JsonObject settings() {
    JsonObject stored = base.settings().object();
    JsonObject prompts = new JsonObject();
    prompts.addProperty("document", "");
    prompts.addProperty("query", "");
    JsonObject settings = DenseLayout.version();
    settings.add("default_prompt_name", orElse(stored, "default_prompt_name", JsonNull.INSTANCE));
    settings.addProperty("model_type", "SparseEncoder");
    settings.add("prompts", orElse(stored, "prompts", prompts));
    settings.add("similarity_fn_name", orElse(stored, "similarity_fn_name", JsonNull.INSTANCE));
    return settings;
  }

  private static JsonElement orElse(JsonObject stored, String key, JsonElement otherwise) {
    return stored.has(key) ? stored.get(key) : otherwise;
  }

  private JsonObject transformer() throws IOException {
    JsonObject transformer = DenseLayout.transformer("fill-mask", "logits", "token_embeddings");
    JsonFile stored = base.modules().get(0).config("sentence_bert_config.json");
    for (String key : READING) {
      if (!base.isPlain() && stored.has(key)) { // which is read without that file
        transformer.add(key, stored.object().get(key));
      }
    }
    return transformer;
  }
}
