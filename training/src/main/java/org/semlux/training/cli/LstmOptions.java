package org.semlux.training.cli;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.semlux.training.base.WordVectorsFolder;
import picocli.CommandLine.Option;

/** What stands over {@code --word-vectors}. */
final class LstmOptions {
  @Option(
      names = "--hidden-dim",
      paramLabel = "N",
      description = "Of the LSTM in each direction (default: 1024).")
  Integer hidden;

  @Option(names = "--num-layers", paramLabel = "N", description = "Of the LSTM (default: 1).")
  Integer layers;

  @Option(names = "--update-embeddings", description = "Train the word vectors too.")
  boolean updates;

  @Option(
      names = "--max-vocab-size",
      paramLabel = "N",
      description = "Take the first words of the file only.")
  Integer maxWords;

  /** Whether any of it was asked for. */
  boolean isGiven() {
    return hidden != null || layers != null || updates || maxWords != null;
  }

  private int hidden() {
    return hidden == null ? 1024 : hidden;
  }

  private int layers() {
    return layers == null ? 1 : layers;
  }

  /** What decides the network that stands over given vectors. */
  String deciding() {
    return "hidden_dim=%s num_layers=%s update_embeddings=%s max_vocab_size=%s"
        .formatted(hidden(), layers(), updates, maxWords);
  }

  WordVectorsFolder folder(Path vectors, OptionalInt maxTokens, long seed, Double dropout) {
    if (hidden() < 1 || layers() < 1) {
      throw new IllegalArgumentException("--hidden-dim and --num-layers must be 1 or more");
    }
    if (maxWords != null && maxWords < 1) {
      throw new IllegalArgumentException("--max-vocab-size " + maxWords + " leaves no words");
    }
    return new WordVectorsFolder(
        vectors,
        hidden(),
        layers(),
        dropout == null ? 0 : dropout,
        !updates,
        maxWords == null ? OptionalInt.empty() : OptionalInt.of(maxWords),
        maxTokens,
        seed);
  }
}
