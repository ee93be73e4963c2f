package org.semlux.plugin.action;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.elasticsearch.common.bytes.BytesReference;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.GitLfs;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Networks;
import org.semlux.plugin.model.ModelFile;
import org.semlux.plugin.model.ModelManifest;

/**
 * Whether a model's networks and modules are known and its files are themselves, asked of the parts
 * that small files come in: whoever sends these first has not sent the weights yet.
 */
final class ConfigCheck {
  private static final String MODULES = "modules.json";

  /** What a file alone tells. */
  @FunctionalInterface
  private interface Check {
    void of(String id, Path file, InputStream in, long size) throws IOException;
  }

  private ConfigCheck() {}

  /**
   * Looks at a part that holds whole files of settings, as their sender announced them; other bytes
   * are found when the model is fetched.
   *
   * @throws IllegalArgumentException saying what no node loads
   */
  static void check(String id, ModelManifest manifest, int part, BytesReference data) {
    long start = -(long) part * manifest.partSize();
    for (ModelFile file : manifest.files()) {
      boolean whole = start >= 0 && start + file.size() <= data.length();
      Optional<Check> check = whole ? check(manifest, file) : Optional.empty();
      if (check.isPresent()) {
        BytesReference content = data.slice((int) start, (int) file.size());
        if (PutPartAction.Request.hash(content).equals(file.sha256())) {
          check(check.get(), id, file, content);
        }
      }
      start += file.size();
    }
  }

  private static void check(Check check, String id, ModelFile file, BytesReference content) {
    try {
      check.of(id, Path.of(id, file.path()), content.streamInput(), content.length());
    } catch (IOException | ModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Optional<Check> check(ModelManifest manifest, ModelFile announced) {
    String path = announced.path();
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    String name = path.substring(folder.length());
    if (name.equals("config.json") && isTransformers(manifest, folder)) {
      return Optional.of(ConfigCheck::requireNetwork);
    }
    if (path.equals(MODULES)) {
      return Optional.of(ConfigCheck::requireModules);
    }
    if (name.equals("router_config.json")) {
      return Optional.of(ConfigCheck::requireRoutes);
    }
    return GitLfs.isOfItsSize(announced.size())
        ? Optional.of(ConfigCheck::requireItself)
        : Optional.empty();
  }

  /**
   * Whether a transformer lies in a folder: by what the library writes beside its config, or calls
   * the folder. Of the root {@code modules.json} may say another thing, and is another file.
   */
  private static boolean isTransformers(ModelManifest manifest, String folder) {
    return has(manifest, folder + "sentence_bert_config.json")
        || folder.endsWith("Transformer/")
        || (folder.isEmpty() && !has(manifest, MODULES));
  }

  private static boolean has(ModelManifest manifest, String path) {
    return manifest.files().stream().anyMatch(file -> file.path().equals(path));
  }

  /** Settings say so where they are read; weights and vocabularies are not read here. */
  private static void requireItself(String id, Path file, InputStream in, long size)
      throws IOException {
    GitLfs.refusePointer(file, in.readAllBytes());
  }

  private static void requireNetwork(String id, Path file, InputStream in, long size)
      throws IOException {
    var unused = Networks.of(id, JsonFile.read(file, in, size));
  }

  private static void requireModules(String id, Path file, InputStream in, long size)
      throws IOException {
    for (JsonFile module : JsonFile.readObjects(file, in, size)) {
      ModelFolder.Module.refuseOwnCode(id, module.requireString("type"));
    }
  }

  /** A router's modules, by the names of their folders. */
  private static void requireRoutes(String id, Path file, InputStream in, long size)
      throws IOException {
    JsonFile types = JsonFile.read(file, in, size).requireObject("types");
    for (String name : types.object().keySet()) {
      ModelFolder.Module.refuseOwnCode(id, types.requireString(name));
    }
  }
}
