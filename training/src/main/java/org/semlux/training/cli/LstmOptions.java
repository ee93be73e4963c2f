package org.semlux.training.cli;

import java.nio.file.Path;
import java.util.OptionalDouble;
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

  /** The network over given vectors. */
  WordVectorsFolder folder(Path vectors, OptionalInt maxTokens, OptionalDouble dropout, long seed) {
    if ((hidden != null && hidden < 1) || (layers != null && layers < 1)) {
      throw new IllegalArgumentException("--hidden-dim and --num-layers must be 1 or more");
    }
    if (maxWords != null && maxWords < 1) {
      throw new IllegalArgumentException("--max-vocab-size " + maxWords + " leaves no words");
    }
    return new WordVectorsFolder(
        vectors,
        hidden == null ? 1024 : hidden,
        layers == null ? 1 : layers,
        dropout,
        !updates,
        maxWords == null ? OptionalInt.empty() : OptionalInt.of(maxWords),
        maxTokens,
        seed);
  }
}
