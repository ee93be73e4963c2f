package org.semlux.training.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.OwnFiles;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.Sha256;
import org.semlux.encoders.text.ChatTemplates;
import org.semlux.training.data.StrictJson;

/**
 * The files that a model needs: configs, tokenizer, safetensors. Whatever imports, downloads,
 * copies or deploys a model asks here. Cards, checkpoints, optimizer states, results and copies of
 * the weights in other formats stay behind.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("model");
 * List<Path> files = ModelFiles.of(folder); // such as config.json and 1_Pooling/config.json
 * String digits = ModelFiles.sha256(folder); // 64 of them
 * }
 */
public final class ModelFiles {
  private static final String TOKENIZER =
      "(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\\.json"
          + "|(vocab|merges)\\.txt|.*\\.(model|bpe|jinja)";

  private static final Pattern TOKENIZERS = Pattern.compile(TOKENIZER);

  private static final Pattern SETTINGS =
      Pattern.compile(
          TOKENIZER
              + "|(.*_)?config\\.json|config_.*\\.json|modules\\.json|calibration\\.txt|idf\\.json|artifact\\.metadata");

  private static final Pattern WEIGHTS = Pattern.compile(".*\\.safetensors(\\.index\\.json)?");

  private ModelFiles() {}

  /** Whether a tokenizer may be read from a file of this name. */
  public static boolean isOfTokenizer(String name) {
    return TOKENIZERS.matcher(name).matches();
  }

  /** Whether a file of this name says how a model works: its configs and its tokenizer. */
  public static boolean isSetting(String name) {
    return SETTINGS.matcher(name).matches() && !name.equals(ModelFolder.ADAPTER);
  }

  /** Whether a file of this name holds weights, or tells which file holds which. */
  public static boolean isOfWeights(String name) {
    return WEIGHTS.matcher(name).matches();
  }

  /**
   * The files of a folder that a model needs: settings, and the weights that are read, without an
   * optimizer's state and copies under other names. Of those inside, chat templates alone.
   *
   * @param root the model's folder
   * @param folder it, or one in it
   */
  public static List<Path> in(Path root, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> all = Files.list(folder)) {
        all.filter(file -> isSetting(file.getFileName().toString()))
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(files::add);
      }
      files.addAll(ChatTemplates.named(folder));
      files.addAll(ModelFolder.weightFiles(root, folder));
    }
    return files;
  }

  /**
   * Their paths relative to the folder, sorted.
   *
   * @throws ModelException when the folder holds no model in safetensors
   * @throws IOException when weights are truncated or corrupt, or a file is a link that leads to
   *     none of the model's own, see {@link OwnFiles#contain}
   */
  public static List<Path> of(Path named) throws IOException {
    Path folder = named.toRealPath(); // the folder may be a link, its files may lead nowhere else
    Set<Path> files = new TreeSet<>(in(folder, folder));
    for (Path module : modules(folder)) {
      files.addAll(in(folder, module));
      for (Path child : folders(module)) { // a router's children lie one level deeper
        files.addAll(in(folder, child));
      }
    }
    for (Path child : routed(folder)) {
      files.addAll(in(folder, child));
    }
    String name = folder.toAbsolutePath().normalize().getFileName().toString();
    if (!files.contains(folder.resolve("modules.json"))
        && !files.contains(folder.resolve("config.json"))) {
      throw ModelException.of(
          name, "neither modules.json nor config.json is in " + folder + ": no model folder");
    }
    for (Path file : files) {
      refuseLinks(folder, file);
    }
    List<Path> weights =
        files.stream().filter(file -> file.toString().endsWith(".safetensors")).toList();
    if (weights.isEmpty()) {
      throw ModelException.of(
          name,
          "no weights in safetensors are in " + folder + ": import or convert the model first");
    }
    for (Path file : weights) {
      Safetensors.open(file); // checks it: better here than when it has travelled
    }
    return files.stream().map(folder::relativize).toList();
  }

  /** SHA-256 of their paths and contents: of all that decides what the model says. */
  public static String sha256(Path folder) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    for (Path file : of(folder)) {
      String path = file.toString().replace('\\', '/');
      digest.update((path + " " + Sha256.of(folder.resolve(file)) + "\n").getBytes(UTF_8));
    }
    return Sha256.hex(digest);
  }

  private static List<Path> routed(Path folder) throws IOException {
    // A router at the root keeps its children's folders beside its config.
    return Files.isRegularFile(folder.resolve("router_config.json"))
        ? Router.children(ModelFolder.open(folder)).stream().filter(Files::isDirectory).toList()
        : List.of();
  }

  /**
   * Refuses a link that leads to none of a model's own files, see {@link OwnFiles#contain}: what a
   * stranger's folder names must not become part of what is imported or deployed.
   *
   * @param folder the model's
   * @param file in it
   */
  public static void refuseLinks(Path folder, Path file) throws IOException {
    Path at = folder;
    for (Path name : folder.toAbsolutePath().relativize(file.toAbsolutePath())) {
      at = at.resolve(name);
      boolean own = Files.isRegularFile(at) && OwnFiles.contain(folder, at);
      if (Files.isSymbolicLink(at) && !own) {
        throw new IOException(
            "["
                + folder.relativize(at)
                + "] of the model folder is a link to elsewhere: give a copy that holds the files themselves, such as cp -rL makes");
      }
    }
  }

  private static List<Path> folders(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> Files.isDirectory(file, NOFOLLOW_LINKS)).toList();
    }
  }

  private static List<Path> modules(Path folder) throws IOException {
    Path file = folder.resolve("modules.json");
    List<Path> folders = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      for (JsonElement module : readModules(file)) {
        Path inside = folder.resolve(path(file, module)).normalize();
        if (!inside.equals(folder) && inside.startsWith(folder)) {
          refuseLinks(folder, inside);
        }
        // The root's module has been listed, and nothing outside the folder is part of the model.
        if (!inside.equals(folder) && inside.startsWith(folder) && Files.isDirectory(inside)) {
          folders.add(inside);
        }
      }
    }
    return folders;
  }

  private static String path(Path file, JsonElement module) throws IOException {
    JsonElement path = module.isJsonObject() ? module.getAsJsonObject().get("path") : null;
    if (path == null || !path.isJsonPrimitive() || !path.getAsJsonPrimitive().isString()) {
      throw new IOException("[" + file + "] holds a module without a path that is a text");
    }
    return path.getAsString();
  }

  private static JsonArray readModules(Path file) throws IOException {
    try {
      JsonElement list = StrictJson.parse(Files.readString(file));
      if (list.isJsonArray()) {
        return list.getAsJsonArray();
      }
    } catch (JsonParseException e) {
      throw new IOException("[" + file + "] is not a JSON list of modules: " + e.getMessage(), e);
    }
    throw new IOException("[" + file + "] is not a JSON list of modules");
  }
}
