package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * What makes a transformer's folder a multi-vector encoder: its tokens' states, of length 1, are
 * the vectors, and all tokens count. The module list and the modules' settings, as
 * sentence-transformers 6 writes them.
 *
 * {@snippet lang=java :
 * ModelFolder base = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * new MultiVectorLayout(base, MaxSim.SUM).write(Path.of("model")); // modules.json and settings
 * }
 *
 * @param base the folder of the encoder that this one is made of
 * @param similarity what queries and documents are compared by
 */
public record MultiVectorLayout(ModelFolder base, MaxSim similarity) {
  private static final String TOKENS = "token_embeddings";

  /** Writes the files into a folder that has {@code config.json} and the tokenizer's files. */
  public void write(Path folder) throws IOException {
    JsonArray modules = new JsonArray();
    modules.add(DenseLayout.module(0, "", "base.modules.transformer.Transformer"));
    modules.add(DenseLayout.module(1, "1_Normalize", "base.modules.normalize.Normalize"));
    JsonFile.write(folder.resolve("modules.json"), modules, 2);
    BaseSettings taken = new BaseSettings(base);
    JsonElement compared =
        similarity == MaxSim.SUM ? JsonNull.INSTANCE : new JsonPrimitive(similarity.toString());
    JsonFile.write(
        folder.resolve("config_sentence_transformers.json"),
        taken.settings("MultiVectorEncoder", compared),
        2);
    JsonObject transformer =
        taken.transformer(
            DenseLayout.transformer("feature-extraction", "last_hidden_state", TOKENS));
    JsonFile.write(folder.resolve("sentence_bert_config.json"), transformer, 4);
    JsonFile.write(
        Files.createDirectories(folder.resolve("1_Normalize")).resolve("config.json"),
        DenseLayout.normalize(TOKENS),
        4);
  }
}
