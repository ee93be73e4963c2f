package org.semlux.encoders.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Network;

/** Finds and loads the tokenizer of a model. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * Loads the tokenizer of a model whose first module is a transformer.
   *
   * @throws ModelException when there is none, or it and the network disagree
   */
  public static Tokenizer of(ModelFolder folder, Network network) throws IOException {
    ModelFolder.Module module = folder.modules().get(0);
    Path file = module.folder().resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw ModelException.of(
          folder.name(),
          "no tokenizer.json in "
              + module.folder()
              + "; older folders hold only a vocabulary: load and save the tokenizer once with a "
              + "current transformers library");
    }
    JsonFile settings = module.config("sentence_bert_config.json");
    int maxTokens =
        settings.has("max_seq_length")
            ? settings.requireInt("max_seq_length")
            : tokenizerLength(module, network.maxPositions());
    if (maxTokens < 1 || maxTokens > network.maxPositions()) {
      throw ModelException.of(
          folder.name(),
          "texts of "
              + maxTokens
              + " tokens are asked for, the network has "
              + network.maxPositions()
              + " positions");
    }
    FastTokenizer tokenizer =
        FastTokenizer.load(
            JsonFile.read(file), maxTokens, settings.getBoolean("do_lower_case", false));
    if (tokenizer.vocabularySize() > network.vocabularySize()) {
      tokenizer.close();
      throw ModelException.of(
          folder.name(),
          "tokenizer.json has ids up to "
              + (tokenizer.vocabularySize() - 1)
              + ", the word embedding holds "
              + network.vocabularySize()
              + ": the tokenizer belongs to another model");
    }
    return tokenizer;
  }

  /** Many tokenizers claim 1e30: the network's positions are the bound then. */
  private static int tokenizerLength(ModelFolder.Module module, int positions) throws IOException {
    double length = module.config("tokenizer_config.json").getDouble("model_max_length", positions);
    return (int) Math.min(length, positions);
  }
}
