package org.semlux.encoders.folder;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;

/**
 * A model as sentence-transformers or Hugging Face saves it: a folder with {@code config.json},
 * {@code modules.json}, {@code tokenizer.json} and {@code model.safetensors}. A folder without
 * {@code modules.json} is what its architecture says: a masked language model is SPLADE with
 * maximum pooling, a classifier is a cross-encoder, of a causal language model the last token
 * counts, anything else is mean-pooled.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * folder.kind(); // DENSE
 * for (ModelFolder.Module module : folder.modules()) {
 *   System.out.println(module.type()); // Transformer, Pooling, Normalize
 * }
 * }
 */
public final class ModelFolder {
  /**
   * One step of the way from text to answer.
   *
   * @param type the simple class name, such as {@code Pooling}
   * @param folder where its config and weights lie
   */
  public record Module(String type, Path folder) {
    private static final List<String> LIBRARIES = List.of("sentence_transformers.", "pylate.");

    /** The module's own config; an empty object where it has none. */
    public JsonFile config(String file) throws IOException {
      Path path = folder.resolve(file);
      return Files.isRegularFile(path) ? JsonFile.read(path) : new JsonFile(path, new JsonObject());
    }

    /**
     * The same, of a module whose every setting is known.
     *
     * @throws IOException when it holds another key: it could change answers
     */
    public JsonFile config(String file, Set<String> keys) throws IOException {
      JsonFile config = config(file);
      for (String key : config.object().keySet()) {
        if (!keys.contains(key)) {
          throw new ModelFileException(
              "module %s (%s/%s) has the unknown setting \"%s\", known are %s"
                  .formatted(
                      type,
                      folder.getFileName(),
                      file,
                      ModelException.brief(key),
                      new TreeSet<>(keys)));
        }
      }
      return config;
    }

    /**
     * Refuses a module by its full Python path.
     *
     * @throws ModelException when it is no class of the libraries' own: one that is called alike
     *     may do something else
     */
    public static void refuseOwnCode(String model, String path) {
      if (LIBRARIES.stream().noneMatch(path::startsWith)) {
        throw ModelException.of(
            model,
            "its module [%s] is code of its own, which is never run; supported are modules of %s"
                .formatted(ModelException.brief(path), "sentence_transformers and pylate"));
      }
    }

    /**
     * By its full Python path.
     *
     * @throws ModelException when it is no class of the libraries' own: one that is called alike
     *     may do something else; or when its folder holds an adapter
     */
    static Module of(String model, String path, Path folder) {
      refuseOwnCode(model, path);
      refuseAdapter(model, Files.exists(folder.resolve(ADAPTER)));
      return new Module(path.substring(path.lastIndexOf('.') + 1), folder);
    }
  }

  /** More than any real model has, and no more than a program can be made of. */
  private static final int MAX_MODULES = 64;

  /** What PEFT calls an adapter's settings. */
  public static final String ADAPTER = "adapter_config.json";

  private final Path path;
  private final JsonFile settings;
  private final List<Module> modules;

  private ModelFolder(Path path, JsonFile settings, List<Module> modules) {
    this.path = path;
    this.settings = settings;
    this.modules = List.copyOf(modules);
  }

  /**
   * Reads a folder's layout.
   *
   * @param named the folder; its modules lie in what that is without {@code .} and {@code ..}
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the folder is no model
   */
  public static ModelFolder open(Path named) throws IOException {
    Path path = named.normalize();
    if (!Files.isDirectory(path)) {
      throw new ModelFileException(JsonText.nameOf(path) + " is no folder");
    }
    refuseAdapter(nameOf(path), Files.exists(path.resolve(ADAPTER)));
    Path settings = path.resolve("config_sentence_transformers.json");
    return new ModelFolder(
        path,
        Files.isRegularFile(settings)
            ? JsonFile.read(settings)
            : new JsonFile(settings, new JsonObject()),
        readModules(path));
  }

  /**
   * Refuses a folder with an adapter: it is no model, or changes the weights of the one beside it.
   *
   * @param found whether {@value #ADAPTER} is there
   * @throws ModelException when it is
   */
  public static void refuseAdapter(String model, boolean found) {
    if (found) {
      throw ModelException.of(
          model,
          "it holds a PEFT adapter (%s), which changes its base model's weights: merge it in Python"
                  .formatted(ADAPTER)
              + " with merge_and_unload() and save the result");
    }
  }

  private static List<Module> readModules(Path path) throws IOException {
    Path file = path.resolve("modules.json");
    List<Module> modules = new ArrayList<>();
    if (!Files.isRegularFile(file)) {
      if (!Files.isRegularFile(path.resolve("config.json"))) {
        throw ModelException.of(
            nameOf(path), "neither modules.json nor config.json is in it: no model folder");
      }
      modules.add(new Module("Transformer", path));
      return modules;
    }
    List<JsonFile> entries = JsonFile.readObjects(file);
    if (entries.isEmpty() || entries.size() > MAX_MODULES) {
      throw ModelException.of(
          nameOf(path),
          "modules.json names %s modules, 1 to %s are possible"
              .formatted(entries.size(), MAX_MODULES));
    }
    for (JsonFile module : entries) {
      String type = module.requireString("type");
      Path folder = OwnFiles.named(nameOf(path), path, path, module.getString("path", ""));
      modules.add(Module.of(nameOf(path), type, folder));
    }
    return modules;
  }

  /**
   * A file or folder that a file of this model names.
   *
   * @throws ModelException when it is none of the model's own: its name is absolute, or it or a
   *     link leads out of the model's folder
   */
  public Path inside(Path from, String name) throws IOException {
    return OwnFiles.named(name(), path, from, name);
  }

  /** The same folder with other modules, such as one route's. */
  ModelFolder withModules(List<Module> other) {
    return new ModelFolder(path, settings, other);
  }

  /** The folder's name, for messages. */
  public String name() {
    return nameOf(path);
  }

  private static String nameOf(Path path) {
    Path name = path.toAbsolutePath().normalize().getFileName();
    return name == null ? "/" : name.toString(); // as an archive's root
  }

  public Path path() {
    return path;
  }

  /** The modules in the order that a text passes them. */
  public List<Module> modules() {
    return modules;
  }

  /**
   * The files that weights of a folder of this model are read from, the index of shards among them;
   * none where it holds no weights. Others beside them are nobody's business.
   *
   * @param root the model's folder
   * @param folder it, or one in it
   */
  public static List<Path> weightFiles(Path root, Path folder) throws IOException {
    return WeightFiles.list(nameOf(root), root, folder);
  }

  /** Whether there is no {@code modules.json}: a transformer as Hugging Face saves it. */
  public boolean isPlain() {
    return !Files.isRegularFile(path.resolve("modules.json"));
  }

  /**
   * {@code config_sentence_transformers.json}, empty where there is none. The reference does not
   * read that of a plain folder, so this is empty there too.
   */
  public JsonFile settings() {
    return isPlain() ? new JsonFile(settings.file(), new JsonObject()) : settings;
  }

  /** The same for what tells a folder's kind, which a plain one may say there. */
  JsonFile storedSettings() {
    return settings;
  }

  /** What kind of encoder this is. */
  public EncoderKind kind() throws IOException {
    return FolderKind.of(this);
  }

  /** The weights of a module. */
  public TensorSource weights(Module module) throws IOException {
    return WeightFiles.open(this, List.of(module.folder()));
  }

  /** The weights of the first modules together; no two of them name a tensor alike. */
  public TensorSource weights(int firstModules) throws IOException {
    return WeightFiles.open(
        this, modules.subList(0, firstModules).stream().map(Module::folder).toList());
  }

  /**
   * Prompts by name, such as {@code query} and {@code document}; possibly empty texts. A plain
   * folder has none.
   */
  public Map<String, String> prompts() throws IOException {
    Map<String, String> prompts = new LinkedHashMap<>();
    Optional<JsonFile> stored = settings().getObject("prompts");
    if (stored.isPresent()) {
      for (String name : stored.get().object().keySet()) {
        prompts.put(name, stored.get().getString(name, ""));
      }
    }
    return kind() == EncoderKind.MULTI_VECTOR ? LateInteraction.prompts(this, prompts) : prompts;
  }

  /**
   * The prompt that is used when nobody asks for another.
   *
   * @throws ModelException when there is no such prompt
   */
  public Optional<String> defaultPromptName() throws IOException {
    if (!settings().has("default_prompt_name")) {
      return Optional.empty();
    }
    String name = settings.requireString("default_prompt_name");
    if (!prompts().containsKey(name)) {
      throw ModelException.of(
          name(),
          "default_prompt_name is [%s], its prompts are %s"
              .formatted(
                  ModelException.brief(name), ModelException.brief(prompts().keySet().toString())));
    }
    return Optional.of(name);
  }
}
