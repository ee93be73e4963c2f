package org.semlux.training.folder;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/** What an encoder of another kind takes over of the one that it is made of. */
record BaseSettings(ModelFolder base) {
  /** Settings beside the weights that say how a text is read. */
  private static final List<String> READING = List.of("max_seq_length", "do_lower_case");

  /** {@code config_sentence_transformers.json}, with the base's prompts. */
  JsonObject settings(String type, JsonElement similarity) {
    JsonObject stored = base.settings().object();
    JsonObject settings = DenseLayout.version();
    settings.add("default_prompt_name", orElse(stored, "default_prompt_name", JsonNull.INSTANCE));
    settings.addProperty("model_type", type);
    settings.add("prompts", orElse(stored, "prompts", DenseLayout.noPrompts()));
    settings.add("similarity_fn_name", similarity);
    return settings;
  }

  static JsonElement orElse(JsonObject stored, String key, JsonElement otherwise) {
    return stored.has(key) ? stored.get(key) : otherwise;
  }

  /** {@code sentence_bert_config.json}, with where the base cuts its texts. */
  JsonObject transformer(JsonObject transformer) throws IOException {
    JsonFile stored = base.modules().get(0).config("sentence_bert_config.json");
    for (String key : READING) {
      if (!base.isPlain() && stored.has(key)) { // which is read without that file
        transformer.add(key, stored.object().get(key));
      }
    }
    return transformer;
  }
}
