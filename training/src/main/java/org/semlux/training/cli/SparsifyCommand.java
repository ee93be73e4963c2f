package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.semlux.training.folder.StagedFolder;
import org.semlux.training.run.Progress;
import org.semlux.training.sparsify.Sparsifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux sparsify}: a dense encoder in, a SPLADE encoder out. */
@Command(
    name = "sparsify",
    description = {
      "Makes a sparse encoder (SPLADE) out of a dense one, without training.",
      "",
      "The network reads each word of its vocabulary alone; those whose states are nearest to the"
          + " states of a text's tokens become its terms. The result is an ordinary folder of a"
          + " masked language model, to use as it is or to fine-tune.",
      ""
    },
    footer = {
      "",
      "The texts: a thousand sentences of what will be searched, or more. A thousand of them choose"
          + " the terms; words that none of all has seldom become terms. CSV, TSV (.tsv), JSON lines"
          + " (.jsonl) and Parquet are read as pairs of sentences with a score, as evaluate does; of"
          + " anything else each line is a text. Gzip (.gz) or not.",
      "",
      "Examples:",
      "  semlux sparsify --base models/minilm --texts sentences.txt --output models/minilm-sparse",
      "  semlux sparsify --base models/minilm --texts stsb/train.csv --terms 60 \\",
      "      --output models/minilm-sparse"
    })
final class SparsifyCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the dense model.")
  Path base;

  @Option(names = "--texts", paramLabel = "FILE", required = true, description = "The sentences.")
  Path texts;

  @Option(names = "--output", paramLabel = "DIR", required = true, description = "The new folder.")
  Path output;

  @Option(
      names = "--terms",
      paramLabel = "N",
      defaultValue = "80",
      description = "Terms that a text shall have on average.")
  double terms;

  @Mixin ThreadOptions threads;

  @Option(names = "--overwrite", description = "Replace what the output folder holds.")
  boolean overwrite;

  @Override
  public Integer call() throws IOException {
    if (!(terms >= 1 && terms <= 10_000)) {
      throw new IllegalArgumentException("--terms " + terms + " is not from 1 to 10000");
    }
    StagedFolder.requireApart(output, base, "base");
    StagedFolder.requireApart(output, texts, "texts");
    PrintWriter err = spec.commandLine().getErr();
    Sparsifier sparsifier = new Sparsifier(base);
    Sparsifier.Texts read;
    try (Progress progress = new Progress(err, "Reading", Progress.Unit.TEXTS, -1)) {
      read = sparsifier.read(texts, progress::step);
    }
    try (StagedFolder folder = StagedFolder.create(output, overwrite)) {
      int steps = sparsifier.steps(read);
      try (Progress progress = new Progress(err, "Fitting", Progress.Unit.STEPS, steps)) {
        sparsifier.run(read, terms, folder.path(), progress::step);
      }
      folder.commit();
    }
    err.printf(
        Locale.ROOT,
        "%s: sparse model, fitted to %,d texts, about %s terms a text%n",
        output,
        read.taken(),
        terms);
    return 0;
  }
}
