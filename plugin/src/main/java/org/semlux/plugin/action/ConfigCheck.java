package org.semlux.plugin.action;

import java.io.IOException;
import java.nio.file.Path;
import org.elasticsearch.common.bytes.BytesReference;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.network.Networks;
import org.semlux.plugin.model.ModelFile;
import org.semlux.plugin.model.ModelManifest;

/**
 * Whether a model's architecture is known, asked of the part that its {@code config.json} comes in:
 * senders that list files by name send it before the weights.
 */
final class ConfigCheck {
  private static final String CONFIG = "config.json";

  private ConfigCheck() {}

  /**
   * Looks at a part that holds the whole file, as its sender announced it; other bytes are found
   * when the model is fetched.
   *
   * @throws IllegalArgumentException saying what no node loads
   */
  static void check(String id, ModelManifest manifest, int part, BytesReference data) {
    long start = -(long) part * manifest.partSize();
    for (ModelFile file : manifest.files()) {
      boolean whole = start >= 0 && start + file.size() <= data.length();
      if (whole && file.path().equals(CONFIG) && beginsWithTransformer(manifest)) {
        BytesReference content = data.slice((int) start, (int) file.size());
        if (PutPartAction.Request.hash(content).equals(file.sha256())) {
          requireArchitecture(id, content);
        }
      }
      start += file.size();
    }
  }

  /** Where another module stands first, {@code modules.json} says so, and the file is not read. */
  private static boolean beginsWithTransformer(ModelManifest manifest) {
    return has(manifest, "sentence_bert_config.json") || !has(manifest, "modules.json");
  }

  private static boolean has(ModelManifest manifest, String path) {
    return manifest.files().stream().anyMatch(file -> file.path().equals(path));
  }

  private static void requireArchitecture(String id, BytesReference content) {
    try {
      JsonFile config = JsonFile.read(Path.of(id, CONFIG), content.streamInput(), content.length());
      Networks.architecture(id, config);
    } catch (IOException | ModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
