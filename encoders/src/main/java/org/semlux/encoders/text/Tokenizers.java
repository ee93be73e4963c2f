package org.semlux.encoders.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.network.Network;

/** Finds and loads the tokenizer of a model. */
public final class Tokenizers {
  /** Early releases named the file after the architecture. */
  private static final List<String> SETTINGS =
      List.of(
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_xlm-roberta_config.json");

  private static final String WORDS = "whitespacetokenizer_config.json";

  private Tokenizers() {}

  /**
   * Loads the tokenizer that a model's first module reads texts with.
   *
   * @throws ModelException when there is none, or it and the network disagree
   */
  public static Tokenizer of(ModelFolder folder, Network network) throws IOException {
    Module module = folder.modules().get(0);
    Tokenizer tokenizer =
        switch (module.type()) {
          case "WordEmbeddings" -> ofWords(folder.name(), module, network);
          case "StaticEmbedding" -> BareTokenizer.load(tokenizerFile(folder.name(), module));
          default -> ofTransformer(folder.name(), module, network);
        };
    if (tokenizer.vocabularySize() > network.vocabularySize()) {
      tokenizer.close();
      throw ModelException.of(
          folder.name(),
          file(module)
              + " has ids up to "
              + (tokenizer.vocabularySize() - 1)
              + ", the word embedding holds "
              + network.vocabularySize()
              + ": the tokenizer belongs to another model");
    }
    return tokenizer;
  }

  private static String file(Module module) {
    return module.type().equals("WordEmbeddings") ? WORDS : "tokenizer.json";
  }

  private static Tokenizer ofWords(String model, Module module, Network network)
      throws IOException {
    String type = module.config("wordembedding_config.json").requireString("tokenizer_class");
    if (!type.endsWith(".WhitespaceTokenizer")) {
      throw ModelException.of(
          model, "tokenizer [" + type + "] is not supported, only WhitespaceTokenizer is");
    }
    Path file = module.folder().resolve(WORDS);
    return WhitespaceTokenizer.load(JsonFile.read(file), network.maxPositions());
  }

  private static Tokenizer ofTransformer(String model, Module module, Network network)
      throws IOException {
    JsonFile file = tokenizerFile(model, module);
    JsonFile settings = module.config(SETTINGS.get(0));
    for (int i = 1; i < SETTINGS.size() && settings.object().isEmpty(); i++) {
      settings = module.config(SETTINGS.get(i));
    }
    // Positions bound what the folder asks for: many tokenizers claim a length of 1e30.
    int positions = network.maxPositions();
    double asked =
        settings.has("max_seq_length")
            ? settings.requireInt("max_seq_length")
            : module.config("tokenizer_config.json").getDouble("model_max_length", positions);
    if (asked < 1) {
      throw ModelException.of(model, "it asks for texts of " + (int) asked + " tokens");
    }
    int maxTokens = (int) Math.min(asked, positions);
    return FastTokenizer.load(file, maxTokens, settings.getBoolean("do_lower_case", false));
  }

  private static JsonFile tokenizerFile(String model, Module module) throws IOException {
    Path file = module.folder().resolve(file(module));
    if (!Files.isRegularFile(file)) {
      throw ModelException.of(
          model,
          "no tokenizer.json in "
              + module.folder().getFileName()
              + "; older folders hold only a vocabulary: load and save the tokenizer once with a "
              + "current transformers library");
    }
    return JsonFile.read(file);
  }
}
