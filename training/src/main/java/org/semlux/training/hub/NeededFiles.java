package org.semlux.training.hub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.text.ChatTemplates;
import org.semlux.training.folder.ModelFiles;

/**
 * The files of a repository that a model needs: settings, tokenizers, and each module's weights in
 * safetensors. Copies of the weights, checkpoints and results are left where they are.
 */
final class NeededFiles {
  /** Where a router keeps its modules, such as {@code document_0_Transformer}. */
  private static final Pattern ROUTED = Pattern.compile("([^/]+_)?\\d+_\\w+(/.*)?");

  private static final Pattern PICKLE = Pattern.compile("pytorch_model.*\\.bin|.*\\.(pt|pth)");
  private static final String CONVERT =
      "convert it in Python with save_pretrained(folder, safe_serialization=True), or look for a"
          + " revision that has safetensors";
  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final HubModel model;
  private final List<HubFile> listed;
  private final Shards shards;
  private final List<String> leftOut = new ArrayList<>();

  /** Reads which files an index of shards names. */
  interface Shards {
    Set<String> of(HubFile index) throws IOException;
  }

  NeededFiles(HubModel model, List<HubFile> listed, Shards shards) {
    this.model = model;
    this.listed = listed;
    this.shards = shards;
  }

  /** One sentence on weights that lie beside the model's own and were not chosen, if any. */
  Optional<String> leftOut() {
    return leftOut.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "weights that the model is not read from are left out: "
                + ModelException.brief(String.join(", ", leftOut)));
  }

  /**
   * Chooses, small files first.
   *
   * @param modules folders that {@code modules.json} names
   * @param card whether the model card is wanted
   * @throws IOException when the repository holds no model, or none that can be used
   */
  List<HubFile> choose(List<String> modules, boolean card) throws IOException {
    requireModel();
    List<HubFile> files = new ArrayList<>();
    for (String folder : folders(modules)) {
      boolean module = isModule(folder, modules);
      if (module) {
        ModelFolder.refuseAdapter(model.toString(), has(folder, ModelFolder.ADAPTER));
      }
      List<HubFile> all = in(folder, file -> ModelFiles.isOfWeights(file.name()));
      List<HubFile> weights = module ? weights(folder, all) : all;
      if (weights.isEmpty()) {
        refusePickles(folder);
      }
      files.addAll(weights);
      files.addAll(in(folder, file -> ModelFiles.isSetting(file.name())));
    }
    files.addAll(in(ChatTemplates.FOLDER, file -> ChatTemplates.isNamed(file.name())));
    if (card) {
      files.addAll(in("", file -> file.name().equals("README.md")));
    }
    requireUsable(files);
    for (HubFile file : files) {
      requireInside(file);
    }
    files.sort(Comparator.comparing(HubFile::isSafetensors).thenComparing(HubFile::path));
    return files;
  }

  private void requireModel() throws IOException {
    if (in("", file -> Set.of("config.json", "modules.json").contains(file.name())).isEmpty()) {
      throw new IOException(
          model + " is no model: neither config.json nor modules.json is among its files");
    }
  }

  private Set<String> folders(List<String> modules) {
    Set<String> folders = new TreeSet<>();
    folders.add("");
    for (HubFile file : listed) {
      String folder = file.folder();
      boolean module =
          modules.stream().anyMatch(it -> folder.equals(it) || folder.startsWith(it + "/"));
      if (module || ROUTED.matcher(folder).matches()) {
        folders.add(folder);
      }
    }
    return folders;
  }

  /** Whether a module lies in a folder, and not what may only be called like one. */
  private boolean isModule(String folder, List<String> modules) {
    String parent = folder.substring(0, Math.max(0, folder.lastIndexOf('/')));
    return folder.isEmpty() || modules.contains(folder) || has(parent, "router_config.json");
  }

  private boolean has(String folder, String name) {
    return !in(folder, file -> file.name().equals(name)).isEmpty();
  }

  private List<HubFile> in(String folder, Predicate<HubFile> filter) {
    return listed.stream().filter(it -> it.folder().equals(folder)).filter(filter).toList();
  }

  /** What a model is read from: one file, or an index and the shards that it names. */
  private List<HubFile> weights(String folder, List<HubFile> all) throws IOException {
    List<HubFile> index = in(folder, file -> file.name().equals(INDEX));
    Set<String> names = new TreeSet<>(Set.of(WHOLE));
    if (!has(folder, WHOLE) && !index.isEmpty()) {
      names = new TreeSet<>(shards.of(index.get(0)));
      for (String name : names) {
        if (!has(folder, name)) {
          throw new IOException(
              "%s does not have [%s], which its %s names: look for a revision that has it"
                  .formatted(model, ModelException.brief(name), index.get(0).path()));
        }
      }
      names.add(INDEX);
    }
    List<HubFile> weights = new ArrayList<>();
    for (HubFile file : all) {
      if (names.contains(file.name())) {
        weights.add(file);
      } else if (file.isSafetensors()) {
        leftOut.add(file.path());
      }
    }
    return weights;
  }

  private void refusePickles(String folder) throws IOException {
    List<HubFile> pickles = in(folder, file -> PICKLE.matcher(file.name()).matches());
    if (!pickles.isEmpty()) {
      throw new IOException(
          "%s has weights only in %s, a pickle, which can run code when it is read: %s"
              .formatted(model, pickles.get(0).path(), CONVERT));
    }
  }

  private void requireUsable(List<HubFile> files) throws IOException {
    if (files.stream().noneMatch(HubFile::isSafetensors)) {
      if (!leftOut.isEmpty()) {
        throw new IOException(
            "%s has neither %s nor %s, only %s: look for a revision or a model that has one"
                .formatted(model, WHOLE, INDEX, ModelException.brief(String.join(", ", leftOut))));
      }
      boolean onnx = listed.stream().anyMatch(file -> file.path().endsWith(".onnx"));
      throw new IOException(
          model
              + " has no weights in safetensors: "
              + (onnx
                  ? "fetch its ONNX file and tokenizer.json, and run semlux import on them"
                  : CONVERT));
    }
    Set<String> tokenizers =
        Set.of("tokenizer.json", "whitespacetokenizer_config.json", "vocab.txt", "vocab.json");
    if (files.stream()
        .map(HubFile::name)
        .noneMatch(name -> tokenizers.contains(name) || name.endsWith(".model"))) {
      throw new IOException(
          model
              + " has no tokenizer.json: load and save its tokenizer once with a current"
              + " transformers library");
    }
  }

  /** What a server names may not become a file elsewhere. */
  private void requireInside(HubFile file) throws IOException {
    boolean inside =
        !file.path().contains("\\")
            && file.path().chars().noneMatch(Character::isISOControl)
            && List.of(file.path().split("/", -1)).stream()
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!inside) {
      throw new IOException(model + " lists the file [" + file.path() + "], which is no path");
    }
  }
}
