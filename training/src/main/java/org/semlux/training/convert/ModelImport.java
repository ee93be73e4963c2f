package org.semlux.training.convert;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.Pooling;
import org.semlux.encoders.text.ChatPairs;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.training.folder.DenseLayout;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.SafetensorsWriter;
import org.semlux.training.folder.TextLength;
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
 *         Optional.empty(), OptionalInt.empty(), List.of(), Optional.empty(), OptionalInt.empty());
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
   */
  public record Choices(
      Optional<String> modelType,
      OptionalInt attentionHeads,
      List<String> pooling,
      Optional<Boolean> normalize,
      OptionalInt maxTokens) {}

  /** What is copied beside what the model needs; pickles and other formats are not. */
  private static final Pattern DOCUMENTATION = Pattern.compile("README\\.md|(LICENSE|NOTICE).*");

  private static final String PICKLE = "pytorch_model.bin";

  private static final int BUFFER = 1 << 20;

  /** Below this, the task is over before a display of it is read. */
  private static final long WORTH_SHOWING = 16 << 20;

  private final ImportSource source;
  private final Choices choices;
  private final Path folder;
  private final BiFunction<String, Long, Progress> display;
  private final List<String> assumptions = new ArrayList<>();

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
    ModelFolder.refuseAdapter(
        String.valueOf(source.root().getFileName()),
        Files.exists(source.root().resolve(ModelFolder.ADAPTER)));
    copy(ImportSource.list(source.root(), ModelImport::isSettingOrPaper), folder);
    if (source.onnx().isPresent()) {
      convert(scratch);
    } else {
      refuse(choices.modelType.isPresent(), "--model-type", "config.json");
      refuse(choices.attentionHeads.isPresent(), "--num-attention-heads", "config.json");
      copyWeights();
    }
    copyModules();
    writeTokenizer();
    writeLayout();
    writeLength();
    return assumptions;
  }

  private void convert(Path scratch) throws IOException {
    Path tokenizer = source.tokenizer();
    if (!Files.exists(folder.resolve("tokenizer.json"))) {
      copyFile(tokenizer, folder.resolve("tokenizer.json"));
    }
    ModelFiles.refuseLinks(source.root(), source.onnx().orElseThrow());
    OnnxWeights weights =
        OnnxWeights.open(source.mappableOnnx(scratch), source.mappableRoot(scratch));
    if (Files.exists(folder.resolve("config.json"))) {
      refuse(choices.modelType.isPresent(), "--model-type", "config.json");
      refuse(choices.attentionHeads.isPresent(), "--num-attention-heads", "config.json");
    } else {
      JsonObject config = OnnxConfig.read(weights, choices.modelType, choices.attentionHeads);
      TokenizerSettings.paddingId(JsonFile.read(folder.resolve("tokenizer.json")))
          .ifPresent(id -> config.addProperty("pad_token_id", id));
      JsonFile.write(folder.resolve("config.json"), config, 2);
    }
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

  /** An architecture that is unknown is named before anything large is copied. */
  private void requireKnown() throws IOException {
    ModelFolder.Module first = ModelFolder.open(folder).modules().get(0);
    if (first.type().equals("Transformer") && first.folder().equals(folder)) {
      network(folder);
    }
  }

  private void copyWeights() throws IOException {
    List<Path> weights = ModelFolder.weightFiles(source.root(), source.root());
    if (weights.isEmpty() && Files.exists(source.root().resolve(PICKLE))) {
      refusePickle(source.root());
    }
    requireKnown();
    for (Path file : weights) {
      ModelFiles.refuseLinks(source.root(), file);
      if (!file.toString().endsWith(".json")) {
        Safetensors.open(file); // Damage is reported before anything large is copied.
      }
    }
    copy(weights, folder);
  }

  private static void refusePickle(Path from) throws IOException {
    throw new IOException(
        "%s has its weights only in %s, a pickle, which can run code when it is read: "
                .formatted(from, PICKLE)
            + "convert it in Python with save_pretrained(folder, safe_serialization=True)");
  }

  private static boolean isSettingOrPaper(String name) {
    return ModelFiles.isSetting(name) || DOCUMENTATION.matcher(name).matches();
  }

  /** Modules that have folders of their own; a router's config tells further ones. */
  private void copyModules() throws IOException {
    ModelFolder copied = ModelFolder.open(folder);
    for (ModelFolder.Module module : copied.modules()) {
      copyFolder(module.folder());
    }
    for (Path child : Router.children(copied)) {
      copyFolder(child);
    }
  }

  private void copyFolder(Path to) throws IOException {
    String path = folder.relativize(to).toString();
    Path from = source.root().resolve(path);
    if (!path.isEmpty() && Files.isDirectory(from)) {
      if (Files.exists(from.resolve(PICKLE))
          && ModelFolder.weightFiles(source.root(), from).isEmpty()) {
        refusePickle(from);
      }
      Files.createDirectories(to);
      copy(ModelFiles.in(source.root(), from), to);
    }
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

  /** A tokenizer in older files becomes the one file that every tool reads. */
  private void writeTokenizer() throws IOException {
    ModelFolder.Module first = ModelFolder.open(folder).modules().get(0);
    Path file = first.folder().resolve("tokenizer.json");
    if (first.type().equals("Transformer") && !Files.exists(file)) {
      String name = folder.getFileName().toString();
      JsonFile.write(file, Tokenizers.file(name, first).object(), 2);
      assumptions.add("tokenizer.json made of the older tokenizer's files");
    }
  }

  /** Modules around a plain transformer: the default pooling, unless another is chosen. */
  private void writeLayout() throws IOException {
    boolean hasModules = Files.exists(folder.resolve("modules.json"));
    if (hasModules || ModelFolder.open(folder).kind() != EncoderKind.DENSE) {
      String file = hasModules ? "modules.json" : "config.json";
      refuse(!choices.pooling.isEmpty(), "--pooling", file);
      refuse(choices.normalize.isPresent(), "--normalize", file);
      return;
    }
    ModelFolder plain = ModelFolder.open(folder);
    ChatPairs.refuseTemplate(plain);
    List<String> pooling = choices.pooling;
    if (pooling.isEmpty()) {
      pooling = Pooling.byDefault(plain).modes();
      assumptions.add(pooling.get(0) + " pooling (else --pooling)");
    }
    if (choices.normalize.isEmpty()) {
      assumptions.add("vectors as long as they come (else --normalize)");
    }
    int dimensions = network(folder).hidden();
    new DenseLayout(dimensions, pooling, choices.normalize.orElse(false)).write(folder);
  }

  private Network network(Path transformer) throws IOException {
    return Networks.of(
        folder.getFileName().toString(), JsonFile.read(transformer.resolve("config.json")));
  }

  /** Where texts are cut. An older folder says it in two places, of which the second wins. */
  private void writeLength() throws IOException {
    ModelFolder.Module first = ModelFolder.open(folder).modules().get(0);
    if (!TextLength.isTransformer(first)) {
      if (choices.maxTokens.isPresent()) {
        throw TextLength.unsuited(first);
      }
      return;
    }
    int positions = network(first.folder()).maxPositions();
    int length = choices.maxTokens.orElse(positions);
    boolean plain = ModelFolder.open(folder).isPlain();
    if (choices.maxTokens.isPresent()) {
      TextLength.require(ModelFolder.open(folder), first, length, plain);
    }
    Path tokenizer = first.folder().resolve("tokenizer.json");
    Path settings = first.folder().resolve("tokenizer_config.json");
    if (Files.exists(tokenizer) && !Files.exists(settings)) {
      if (choices.maxTokens.isEmpty()) {
        assumptions.add("texts of " + length + " tokens (else --max-seq-length)");
      }
      JsonFile.write(settings, TokenizerSettings.of(JsonFile.read(tokenizer), length), 2);
    }
    if (choices.maxTokens.isPresent()) {
      Path transformer = first.folder().resolve("sentence_bert_config.json");
      boolean replaced = replace(settings, "model_max_length", length, 2);
      if (plain) { // and the other file is not read
        if (!replaced) {
          add(settings, "model_max_length", length, 2);
        }
      } else if (!replace(transformer, "max_seq_length", length, 4)
          && (!replaced || length > positions)) {
        add(transformer, "max_seq_length", length, 4);
      }
    }
  }

  private static void add(Path file, String key, int value, int indent) throws IOException {
    JsonObject settings = Files.exists(file) ? JsonFile.read(file).object() : new JsonObject();
    settings.addProperty(key, value);
    JsonFile.write(file, settings, indent);
  }

  /** Whether the file had the key. */
  private static boolean replace(Path file, String key, int value, int indent) throws IOException {
    if (!Files.exists(file) || !JsonFile.read(file).has(key)) {
      return false;
    }
    JsonObject settings = JsonFile.read(file).object();
    settings.addProperty(key, value);
    JsonFile.write(file, settings, indent);
    return true;
  }

  private static void refuse(boolean given, String option, String file) throws IOException {
    if (given) {
      throw new IOException(
          option + " is for what a source leaves open, and here its " + file + " says it");
    }
  }
}
