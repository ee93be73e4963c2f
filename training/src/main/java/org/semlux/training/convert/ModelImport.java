package org.semlux.training.convert;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.text.ChatTemplates;
import org.semlux.training.folder.ModelCheck;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.SafetensorsWriter;
import org.semlux.training.folder.TokenizerSettings;
import org.semlux.training.onnx.OnnxConfig;
import org.semlux.training.onnx.OnnxWeights;
import org.semlux.training.run.Progress;

/**
 * Fills a folder with a model: settings and weights copied, or converted from ONNX.
 *
 * {@snippet lang=java :
 * var choices =
 *     new ModelImport.Choices(
 *         Optional.empty(),
 *         OptionalInt.empty(),
 *         List.of(),
 *         Optional.empty(),
 *         OptionalInt.empty(),
 *         false);
 * PrintWriter err = new PrintWriter(System.err, true);
 * try (ImportSource source = ImportSource.open(Path.of("model.onnx"));
 *     StagedFolder folder = StagedFolder.create(Path.of("model"), false)) {
 *   List<String> assumed =
 *       new ModelImport(
 *               source,
 *               choices,
 *               folder.path(),
 *               (task, bytes) -> new Progress(err, task, Progress.Unit.MEGABYTES, bytes))
 *           .run(folder.scratch());
 *   folder.commit();
 * }
 * }
 */
public final class ModelImport {
  /**
   * What the source may leave open.
   *
   * @param pooling modes; empty for the default
   * @param crossEncoder whether a causal language model shall answer yes or no
   */
  public record Choices(
      Optional<String> modelType,
      OptionalInt attentionHeads,
      List<String> pooling,
      Optional<Boolean> normalize,
      OptionalInt maxTokens,
      boolean crossEncoder) {}

  /** What is copied beside what the model needs; pickles and other formats are not. */
  private static final Pattern DOCUMENTATION = Pattern.compile("README\\.md|(LICENSE|NOTICE).*");

  /** In one file, or in several as large models have it. */
  private static final Pattern PICKLE = Pattern.compile("pytorch_model.*\\.bin");

  private static final int BUFFER = 1 << 20;

  /** Below this, the task is over before a display of it is read. */
  private static final long WORTH_SHOWING = 16 << 20;

  private final ImportSource source;
  private final Choices choices;
  private final Path folder;
  private final BiFunction<String, Long, Progress> display;

  /**
   * Prepares an import.
   *
   * @param folder an empty folder on the default file system
   * @param display makes the display for a task of so many bytes
   */
  public ModelImport(
      ImportSource source,
      Choices choices,
      Path folder,
      BiFunction<String, Long, Progress> display) {
    this.source = source;
    this.choices = choices;
    this.folder = folder;
    this.display = display;
  }

  /**
   * Fills the folder.
   *
   * @param scratch an empty folder for files that are needed meanwhile
   * @return what the source does not say and nobody chose, each with the option that gives it
   */
  public List<String> run(Path scratch) throws IOException {
    refuseAdapter(source.root());
    copy(ImportSource.list(source.root(), ModelImport::isCopied), folder);
    copyTemplates(source.root(), folder);
    Optional<OnnxWeights> onnx = Optional.empty();
    if (source.onnx().isPresent()) {
      onnx = Optional.of(openOnnx(scratch));
    } else {
      refuseConfigured();
      refusePickle(source.root());
    }
    Set<Path> modules = copyModuleSettings();
    List<String> assumptions = new ImportedSettings(folder, choices).write();
    ModelCheck.ofSettings(folder); // What no node loads is said before gigabytes are copied.
    if (onnx.isPresent()) {
      convert(onnx.get());
    } else {
      copyWeights(Path.of(""));
    }
    for (Path module : modules) {
      copyWeights(module);
    }
    return assumptions;
  }

  /** Reads a graph, and writes what it says beside its weights. */
  private OnnxWeights openOnnx(Path scratch) throws IOException {
    Path tokenizer = source.tokenizer();
    if (!Files.exists(folder.resolve("tokenizer.json"))) {
      copyFile(tokenizer, folder.resolve("tokenizer.json"));
    }
    ModelFiles.refuseLinks(source.root(), source.onnx().orElseThrow());
    OnnxWeights weights =
        OnnxWeights.open(source.mappableOnnx(scratch), source.mappableRoot(scratch));
    if (Files.exists(folder.resolve("config.json"))) {
      refuseConfigured();
    } else {
      JsonObject config = OnnxConfig.read(weights, choices.modelType, choices.attentionHeads);
      TokenizerSettings.paddingId(JsonFile.read(folder.resolve("tokenizer.json")))
          .ifPresent(id -> config.addProperty("pad_token_id", id));
      JsonFile.write(folder.resolve("config.json"), config, 2);
    }
    return weights;
  }

  private void refuseConfigured() throws IOException {
    ImportedSettings.refuse(choices.modelType.isPresent(), "--model-type", "config.json");
    ImportedSettings.refuse(
        choices.attentionHeads.isPresent(), "--num-attention-heads", "config.json");
  }

  private void convert(OnnxWeights weights) throws IOException {
    // Integers are positions and other helpers of the graph.
    List<String> names = weights.names().stream().filter(it -> isFloat(weights, it)).toList();
    long bytes = names.stream().mapToLong(weights::bytes).sum();
    Path file = folder.resolve("model.safetensors");
    show(
        "Converting weights",
        bytes,
        progress -> SafetensorsWriter.write(file, names, weights, progress));
  }

  private static boolean isFloat(OnnxWeights weights, String name) {
    return switch (weights.dtype(name).orElseThrow()) {
      case F64, F32, F16, BF16 -> true;
      case I64, I32, I16, I8, U8, BOOL -> false;
    };
  }

  private static boolean isCopied(String name) {
    return ModelFiles.isSetting(name) || DOCUMENTATION.matcher(name).matches();
  }

  private void refuseAdapter(Path from) {
    ModelFolder.refuseAdapter(
        String.valueOf(source.root().getFileName()),
        Files.exists(from.resolve(ModelFolder.ADAPTER)));
  }

  private void refusePickle(Path from) throws IOException {
    List<String> pickles =
        ImportSource.list(from, name -> PICKLE.matcher(name).matches()).stream()
            .map(file -> file.getFileName().toString())
            .sorted()
            .toList();
    if (!pickles.isEmpty() && ModelFolder.weightFiles(source.root(), from).isEmpty()) {
      throw new IOException(
          "%s has its weights only in %s, a pickle, which can run code when it is read: "
                  .formatted(from, pickles.get(0))
              + "convert it in Python with save_pretrained(folder, safe_serialization=True)");
    }
  }

  /** Modules that have folders of their own, by their paths; a router's config tells more. */
  private Set<Path> copyModuleSettings() throws IOException {
    ModelFolder copied = ModelFolder.open(folder);
    Set<Path> modules = new LinkedHashSet<>();
    for (ModelFolder.Module module : copied.modules()) {
      copySettings(module.folder(), modules);
    }
    for (Path child : Router.children(copied)) {
      copySettings(child, modules);
    }
    return modules;
  }

  private void copySettings(Path to, Set<Path> modules) throws IOException {
    Path path = folder.relativize(to);
    Path from = source.root().resolve(path.toString());
    if (!path.toString().isEmpty() && Files.isDirectory(from) && modules.add(path)) {
      refuseAdapter(from);
      refusePickle(from);
      Files.createDirectories(to);
      copy(ImportSource.list(from, ModelFiles::isSetting), to);
      copyTemplates(from, to);
    }
  }

  private void copyTemplates(Path from, Path to) throws IOException {
    List<Path> templates = ChatTemplates.named(from);
    if (!templates.isEmpty()) {
      copy(templates, Files.createDirectory(to.resolve(ChatTemplates.FOLDER)));
    }
  }

  private void copyWeights(Path path) throws IOException {
    List<Path> weights =
        ModelFolder.weightFiles(source.root(), source.root().resolve(path.toString()));
    for (Path file : weights) {
      ModelFiles.refuseLinks(source.root(), file);
      if (!file.toString().endsWith(".json")) {
        Safetensors.open(file); // Damage is reported before anything large is copied.
      }
    }
    copy(weights, folder.resolve(path));
  }

  private void copy(List<Path> files, Path to) throws IOException {
    for (Path file : files) {
      copyFile(file, to.resolve(file.getFileName().toString()));
    }
  }

  /** By hand, for progress, and because a read-only source should not make read-only copies. */
  private void copyFile(Path from, Path to) throws IOException {
    ModelFiles.refuseLinks(source.root(), from);
    show(
        "Copying " + from.getFileName(),
        Files.size(from),
        progress -> {
          try (InputStream in = Files.newInputStream(from);
              OutputStream out = Files.newOutputStream(to)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
              out.write(buffer, 0, read);
              progress.accept(read);
            }
          }
        });
  }

  /** Something that takes long when there are many bytes, and tells how many it has done. */
  private interface Task {
    void run(LongConsumer progress) throws IOException;
  }

  private void show(String name, long bytes, Task task) throws IOException {
    if (bytes < WORTH_SHOWING) {
      task.run(done -> {});
      return;
    }
    try (Progress progress = display.apply(name, bytes)) {
      task.run(progress::step);
    }
  }
}
