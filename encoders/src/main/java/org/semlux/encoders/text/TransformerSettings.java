package org.semlux.encoders.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;

/** What sentence-transformers saves of a transformer, in {@code sentence_bert_config.json}. */
final class TransformerSettings {
  /** Early releases named the file after the architecture. */
  private static final List<String> FILES =
      List.of(
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_camembert_config.json",
          "sentence_albert_config.json",
          "sentence_xlm-roberta_config.json",
          "sentence_xlnet_config.json");

  private TransformerSettings() {}

  /**
   * Those of a folder, empty where there are none; a plain one has not been through the library.
   */
  static JsonFile of(ModelFolder folder, Module module) throws IOException {
    for (String name : FILES) {
      JsonFile settings = module.config(name);
      if (!settings.object().isEmpty() && !folder.isPlain()) {
        return settings;
      }
    }
    return new JsonFile(module.folder().resolve(FILES.get(0)), new JsonObject());
  }
}
