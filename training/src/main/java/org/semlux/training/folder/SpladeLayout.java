package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * What makes a masked language model's folder a SPLADE encoder: the module list and the modules'
 * settings, as sentence-transformers 6 writes them.
 *
 * {@snippet lang=java :
 * ModelFolder base = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * new SpladeLayout(base).write(Path.of("model")); // which holds a masked language model
 * }
 *
 * @param base the folder of the encoder that this one is made of: its prompts, its similarity and
 *     where it cuts texts are taken over
 */
public record SpladeLayout(ModelFolder base) {
  /** Writes the files into a folder that has {@code config.json} and the tokenizer's files. */
  public void write(Path folder) throws IOException {
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", "base.modules.transformer.Transformer"));
    modules.add(
        DenseLayout.module(
            1, "1_SpladePooling", "sparse_encoder.modules.splade_pooling.SpladePooling"));
    JsonFile.write(folder.resolve("modules.json"), modules, 2);
    BaseSettings taken = new BaseSettings(base);
    JsonElement similarity =
        BaseSettings.orElse(base.settings().object(), "similarity_fn_name", JsonNull.INSTANCE);
    JsonFile.write(
        folder.resolve("config_sentence_transformers.json"),
        taken.settings("SparseEncoder", similarity),
        2);
    JsonObject transformer = DenseLayout.transformer("fill-mask", "logits", "token_embeddings");
    JsonFile.write(folder.resolve("sentence_bert_config.json"), taken.transformer(transformer), 4);
    JsonObject pooling = new JsonObject();
    pooling.addProperty("pooling_strategy", "max");
    pooling.addProperty("activation_function", "relu");
    pooling.add("embedding_dimension", JsonNull.INSTANCE);
    Path poolingFolder = Files.createDirectories(folder.resolve("1_SpladePooling"));
    JsonFile.write(poolingFolder.resolve("config.json"), pooling, 4);
  }
}
