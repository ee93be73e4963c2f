package org.semlux.training.convert;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.Pooling;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.text.ChatPairs;
import org.semlux.encoders.text.SequenceLength;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Vocabulary;
import org.semlux.training.folder.CrossEncoderLayout;
import org.semlux.training.folder.DenseLayout;
import org.semlux.training.folder.TextLength;
import org.semlux.training.folder.TokenizerSettings;

/**
 * Completes an imported folder by the settings that its source leaves open: as they were chosen, or
 * else as is usual.
 */
final class ImportedSettings {
  private final Path folder;
  private final ModelImport.Choices choices;
  private final List<String> assumptions = new ArrayList<>();

  ImportedSettings(Path folder, ModelImport.Choices choices) {
    this.folder = folder;
    this.choices = choices;
  }

  /**
   * Writes what is missing.
   *
   * @return what nobody chose, each with the option that gives it
   */
  List<String> write() throws IOException {
    writeTokenizer();
    writeLayout();
    writeLength();
    return assumptions;
  }

  /** Refuses a choice of what the source says itself. */
  static void refuse(boolean given, String option, String file) throws IOException {
    if (given) {
      throw new IOException(
          option + " is for what a source leaves open, and here its " + file + " says it");
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
    if (choices.crossEncoder() && !hasModules) { // of a plain folder no other file tells a kind
      writeYesOrNo(ModelFolder.open(folder));
      return;
    }
    boolean vectors = !choices.pooling().isEmpty() || choices.normalize().isPresent();
    EncoderKind kind = ModelFolder.open(folder).kind();
    if (!hasModules && kind == EncoderKind.SPARSE && !vectors && !choices.crossEncoder()) {
      assumptions.add(
          "a sparse encoder, SPLADE, of its masked language model (else --pooling, for vectors)");
      return;
    }
    boolean open =
        kind == EncoderKind.DENSE || (kind == EncoderKind.SPARSE && !choices.crossEncoder());
    if (hasModules || !open) {
      String file = hasModules ? "modules.json" : "config.json";
      refuse(!choices.pooling().isEmpty(), "--pooling", file);
      refuse(choices.normalize().isPresent(), "--normalize", file);
      refuse(choices.crossEncoder(), "--task", file);
      return;
    }
    ModelFolder plain = ModelFolder.open(folder);
    ChatPairs.refuseTemplate(plain);
    List<String> pooling = choices.pooling();
    if (pooling.isEmpty()) {
      pooling = Pooling.byDefault(plain).modes();
      assumptions.add(pooling.get(0) + " pooling (else --pooling)");
    }
    if (choices.normalize().isEmpty()) {
      assumptions.add("vectors as long as they come (else --normalize)");
    }
    int dimensions = network(folder).hidden();
    new DenseLayout(dimensions, pooling, choices.normalize().orElse(false)).write(folder);
  }

  /** As the reference's cross-encoder takes such a folder: by two tokens of its vocabulary. */
  private void writeYesOrNo(ModelFolder plain) throws IOException {
    ModelFolder.Module network = plain.modules().get(0);
    JsonFile config = network.config("config.json");
    List<String> classes =
        config.has("architectures") ? config.requireStrings("architectures") : List.of();
    if (classes.isEmpty() || !classes.get(0).endsWith("ForCausalLM")) {
      throw new IOException(
          "--task cross-encoder is for causal language models that answer yes or no, such as"
              + " Qwen3ForCausalLM, its config.json has the architectures "
              + ModelException.brief(classes.toString()));
    }
    if (config.has("auto_map")) {
      throw ModelException.of(
          plain.name(),
          "its config.json has [auto_map], code of its own that is never run and may score by other"
              + " tokens than [yes] and [no]: if it does not, take [auto_map] away");
    }
    Map<String, Integer> ids = Vocabulary.of(Tokenizers.file(plain.name(), network)).ids();
    if (!ids.containsKey("yes") || !ids.containsKey("no")) {
      throw new IOException(
          "--task cross-encoder needs a tokenizer with the tokens [yes] and [no]: what else a model"
              + " answers is written by sentence-transformers' LogitScore");
    }
    CrossEncoderLayout.writeYesOrNo(
        folder,
        ids.get("yes"),
        ids.get("no"),
        ChatPairs.format(plain),
        ScoreHead.activation(plain, 1));
  }

  private Network network(Path transformer) throws IOException {
    return Networks.of(
        folder.getFileName().toString(), JsonFile.read(transformer.resolve("config.json")));
  }

  /** Where texts are cut. An older folder says it in two places, of which the second wins. */
  private void writeLength() throws IOException {
    ModelFolder.Module first = ModelFolder.open(folder).modules().get(0);
    if (!TextLength.isTransformer(first)) {
      if (choices.maxTokens().isPresent()) {
        throw TextLength.unsuited(first);
      }
      return;
    }
    int positions = network(first.folder()).maxPositions();
    int length = choices.maxTokens().orElse(positions);
    boolean plain = ModelFolder.open(folder).isPlain();
    if (choices.maxTokens().isPresent()) {
      TextLength.require(ModelFolder.open(folder), first, length, plain);
    }
    Path tokenizer = first.folder().resolve("tokenizer.json");
    Path settings = first.folder().resolve("tokenizer_config.json");
    if (choices.maxTokens().isEmpty() && !SequenceLength.isSaid(ModelFolder.open(folder))) {
      assumptions.add("texts of " + length + " tokens (else --max-seq-length)");
    }
    if (Files.exists(tokenizer) && !Files.exists(settings)) {
      JsonFile.write(settings, TokenizerSettings.of(JsonFile.read(tokenizer), length), 2);
    }
    if (choices.maxTokens().isPresent()) {
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
}
