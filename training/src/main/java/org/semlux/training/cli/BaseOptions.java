package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.semlux.training.base.StartingFolder;
import org.semlux.training.base.StartingModel;
import org.semlux.training.card.Task;
import org.semlux.training.data.DataFile;
import org.semlux.training.folder.StagedFolder;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What training starts from: a model folder, or a new network over word vectors. */
final class BaseOptions {
  /** One of the two. */
  static final class Source {
    @Option(
        names = "--base",
        paramLabel = "DIR",
        required = true,
        description =
            "The model folder to start from. One of another kind gives its network, and gets a new"
                + " head: mean pooling, or a classifier of one label.")
    Path folder;

    @Option(
        names = "--word-vectors",
        paramLabel = "FILE",
        required = true,
        description =
            "Or word vectors in GloVe's or word2vec's text format, gzip or not, for a new LSTM over"
                + " them.")
    Path wordVectors;
  }

  @ArgGroup(multiplicity = "1")
  Source source;

  @Option(
      names = "--dropout",
      paramLabel = "R",
      description = "The rate of all dropout (default: what the base says).")
  Double dropout;

  @Option(
      names = "--max-seq-length",
      paramLabel = "N",
      description = "Tokens of a text that are read (default: what the base says).")
  Integer maxTokens;

  @Option(
      names = "--inference-free",
      description =
          "Queries, which are the rows' first texts, are looked up in a table of term weights that"
              + " is learnt too, and go through no network (sparse encoders; a base that has such a"
              + " table keeps it).")
  boolean inferenceFree;

  @Mixin LstmOptions lstm;

  private Path path() {
    return source.folder == null ? source.wordVectors : source.folder;
  }

  /** Refuses what makes no sense for such a model. */
  void check(Task task) throws IOException {
    if (dropout != null && !(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("--dropout " + dropout + " is not from 0 to below 1");
    }
    if (maxTokens != null && maxTokens < 1) {
      throw new IllegalArgumentException("--max-seq-length " + maxTokens + " leaves no tokens");
    }
    if (source.wordVectors != null && task != Task.BI_ENCODER) {
      throw new IllegalArgumentException("--word-vectors make a bi-encoder, and no " + task);
    }
    if (inferenceFree && task != Task.SPARSE_ENCODER) {
      throw new IllegalArgumentException("--inference-free is for sparse encoders, and no " + task);
    }
    if (source.wordVectors == null && lstm.isGiven()) {
      throw new IllegalArgumentException(
          "--hidden-dim, --num-layers, --update-embeddings and --max-vocab-size are of a new LSTM"
              + " over --word-vectors: leave them out with --base");
    }
    if (!Files.exists(path())) {
      throw new IOException(path() + " is not there");
    }
    DataFile.requireLasting(path()); // its hash is taken too
  }

  /** Refuses an output that would become what training starts from, or a folder around it. */
  void requireApart(Path output) throws IOException {
    if (source.folder != null) {
      StagedFolder.requireApart(output, source.folder, "base");
    }
  }

  /** What training starts from. */
  StartingModel start(long seed) {
    OptionalInt tokens = maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens);
    OptionalDouble rate = dropout == null ? OptionalDouble.empty() : OptionalDouble.of(dropout);
    return source.wordVectors == null
        ? new StartingFolder(source.folder, tokens, rate, inferenceFree, seed)
        : lstm.folder(source.wordVectors, tokens, rate, seed);
  }
}
