package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.semlux.training.card.Task;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.loss.Losses;
import org.semlux.training.train.TrainingArguments;
import org.semlux.training.train.TrainingData;
import org.semlux.training.train.TrainingDataReader;
import org.semlux.training.train.TrainingSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux train}: rows of training data in, a fine-tuned model folder out. */
@Command(
    name = "train",
    sortOptions = false,
    description = {
      "Fine-tunes a model on scored pairs of sentences, such as the STS benchmark's, or on queries"
          + " with their answers and texts that only look like answers.",
      "",
      "The output folder is a model like any other: evaluate it, deploy it, or load it with"
          + " sentence-transformers. With it come its card (README.md), report.html,"
          + " training_log.jsonl, provenance.json and checkpoints. A run that was stopped, by Ctrl-C"
          + " or otherwise, goes on with --resume as if nothing had happened.",
      ""
    },
    footer = {
      "",
      "Data: CSV, TSV, JSON lines, Parquet, as evaluate reads them. Scores are to be from 0"
          + " to 1 but for losses that rank by them (CoSENT, AnglE): where a training file has some"
          + " above, all of its are divided by --score-scale. Where a column named split tells rows"
          + " apart, --train takes those of train, --dev of dev (or validation), --test of test.",
      "",
      "Other losses than those of scored pairs take columns as sentence-transformers does: label,"
          + " labels, score or scores holds labels, all others are texts, and their order says what"
          + " they are. MultipleNegativesRanking: anchor, positive, any number of negatives. Triplet:"
          + " three of them. Contrastive and OnlineContrastive: two texts, a label of 0 or 1."
          + " MarginMSE and DistillKLDiv: anchor, positive, negatives, and a teacher's scores as a"
          + " list (semlux label makes them). Lambda, RankNet, ListNet and MSE: a query, a list of"
          + " documents, a list of labels (JSON lines). Sparse losses take what their namesakes take."
          + " A multi-vector encoder reads a row's first text as a query, all others as documents.",
      "",
      "Examples:",
      "  semlux train --task bi-encoder --base models/minilm --train stsb/train.csv \\",
      "      --dev stsb/dev.csv --test stsb/test.csv --output models/minilm-stsb",
      "  semlux train --task cross-encoder --base models/distilroberta --train stsb/train.csv \\",
      "      --per-device-train-batch-size 64 --num-train-epochs 4 --output models/reranker",
      "  semlux train --task sparse-encoder --base models/minilm-sparse --train stsb/train.csv \\",
      "      --num-train-epochs 1 --output models/splade",
      "  semlux train --task bi-encoder --word-vectors glove.6B.300d.txt.gz \\",
      "      --train stsb/train.csv --per-device-train-batch-size 32 --output models/bilstm",
      "  semlux train --task bi-encoder --loss MultipleNegativesRanking --base models/minilm \\",
      "      --train triplets.jsonl --batch-sampler no_duplicates --mini-batch-size 32 \\",
      "      --per-device-train-batch-size 256 --output models/minilm-search"
    })
final class TrainCommand implements Callable<Integer> {
  private static final String SCORE_SCALE = "--score-scale";

  @Spec CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      required = true,
      description = "What to train: ${COMPLETION-CANDIDATES}.")
  Task task;

  @Mixin BaseOptions base;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      required = true,
      description =
          "Training rows; several times for several files, of which each batch takes one.")
  List<Path> train;

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description = "Pairs to evaluate on while training: the best checkpoint becomes the model.")
  Path dev;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Pairs to judge base and result by, at the end.")
  Path test;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      completionCandidates = Losses.Names.class,
      description = "${COMPLETION-CANDIDATES} (default: the first that fits the task).")
  String loss;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the run and of its model.")
  Path output;

  @Option(names = "--resume", description = "Go on from the newest checkpoint in the output.")
  boolean resume;

  @Mixin TrainingArguments arguments;

  @Mixin LossArguments lossArguments;

  @Mixin PairDataOptions pairData;

  @Option(
      names = SCORE_SCALE,
      paramLabel = "X",
      description =
          "If any score that is learnt from exceeds 1, all of them are divided by this (default: 5,"
              + " in each file where one does).")
  Double scoreScale;

  @Mixin ThreadOptions threads;

  @Override
  public Integer call() throws IOException {
    check();
    Loss chosen = Losses.of(task.kind(), Optional.ofNullable(loss), lossArguments);
    String name = Losses.name(task.kind(), Optional.ofNullable(loss));
    checkPairOptions(chosen, name);
    PrintWriter err = spec.commandLine().getErr();
    TrainingData data =
        new TrainingDataReader(chosen, name, pairData.reader(), scale(), err)
            .read(train, Optional.ofNullable(dev), Optional.ofNullable(test));
    TrainingSession session =
        new TrainingSession(task, base.start(arguments.seed), data, arguments, output, err);
    return session.run(resume) ? 0 : Semlux.INTERRUPTED;
  }

  private void check() throws IOException {
    arguments.check();
    if (arguments.checkpoints.earlyStoppingPatience > 0 && dev == null) {
      throw new IllegalArgumentException("--early-stopping-patience needs --dev to judge by");
    }
    if (scoreScale != null && !(scoreScale > 0 && Double.isFinite(scoreScale))) {
      throw new IllegalArgumentException(SCORE_SCALE + " " + scoreScale + " makes no sense");
    }
    refuseUseless();
    base.check(task);
    base.requireApart(output);
  }

  /** What would change nothing. */
  private void refuseUseless() {
    for (String useless : useless()) {
      if (!resume) { // a run that began with it goes on with it alone
        throw new IllegalArgumentException(useless);
      }
      spec.commandLine().getErr().println(useless);
    }
    if (task != Task.SPARSE_ENCODER) {
      for (String option : arguments.splade.options()) {
        refuse(option, "is of a sparse encoder's terms, and a " + task + " gives none");
      }
    }
    if (train.size() == 1) {
      refuse("--multi-dataset-batch-sampler", "is of several files, each a --train");
    }
  }

  /** What is given and changes nothing beside the rest, a sentence each. */
  private List<String> useless() {
    GivenOptions given = new GivenOptions(spec);
    List<String> all = new ArrayList<>();
    arguments.adamW.useless().ifPresent(all::add);
    if (given.has("--regularizer-warmup-ratio") && arguments.splade.isOff()) {
      all.add(
          "--regularizer-warmup-ratio changes nothing where no regularizer has a weight: leave it"
              + " out");
    }
    boolean directed = task != Task.MULTI_VECTOR_ENCODER; // else it makes no sense at all
    if (directed && lossArguments.perDirection && lossArguments.directions.size() == 1) {
      all.add("--per-direction changes nothing with one of --directions: leave it out, or add one");
    }
    return all;
  }

  private void refuse(String option, String why) {
    if (new GivenOptions(spec).has(option)) {
      throw new IllegalArgumentException(option + " " + why + ": leave it out");
    }
  }

  private OptionalDouble scale() {
    return scoreScale == null ? OptionalDouble.empty() : OptionalDouble.of(scoreScale);
  }

  /** Rows of other losses have columns of their own; only what is judged by is pairs then. */
  private void checkPairOptions(Loss chosen, String name) {
    if (chosen.ranks()) {
      refuse(SCORE_SCALE, "changes nothing where --loss " + name + " only ranks by scores");
    }
    if (!chosen.shape().isScoredPair()) {
      List<String> useless = new ArrayList<>();
      if (scoreScale != null) {
        useless.add(SCORE_SCALE);
      }
      if (dev == null && test == null) {
        useless.addAll(pairData.given());
      }
      if (!useless.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is for scored pairs, and --loss %s learns from rows of other columns: leave it out"
                .formatted(String.join(", ", useless), name));
      }
    }
  }
}
