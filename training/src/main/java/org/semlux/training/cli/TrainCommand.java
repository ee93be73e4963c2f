package org.semlux.training.cli;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.text.Prompts;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.Task;
import org.semlux.training.card.TrainingLog;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.loss.Losses;
import org.semlux.training.train.Checkpoints;
import org.semlux.training.train.ModelWriter;
import org.semlux.training.train.PairFile;
import org.semlux.training.train.TrainedModel;
import org.semlux.training.train.Trainer;
import org.semlux.training.train.TrainingArguments;
import org.semlux.training.train.TrainingFile;
import org.semlux.training.train.TrainingProgress;
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
      "Data: CSV, TSV, JSON lines, Parquet, as evaluate reads them. If a score of the training file exceeds 1,"
          + " all scores of all files are divided by --score-scale. Where a column named split tells rows"
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
  private static final Gson GSON = new Gson();

  /** As shells report a process that was interrupted. */
  private static final int INTERRUPTED = 130;

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

  @Override
  public Integer call() throws IOException {
    check();
    Loss chosen = loss();
    checkPairOptions(chosen);
    List<TrainingFile> training =
        new TrainingData(pairData, train, chosen, lossName(), this::err).read();
    if (arguments.prompts != null) {
      arguments.prompts.check(training, kind());
    }
    ScoreScale scale = training.get(0).scale();
    Optional<PairFile> devPairs = evaluated(dev, Split.DEV, scale);
    Optional<PairFile> testPairs = evaluated(test, Split.TEST, scale);
    BaseModel began = BaseModel.of(base.path()); // while it is what training begins with
    String fingerprint = fingerprint(training, devPairs, began);
    Optional<Long> resumed = begin(fingerprint);
    long step = resumed.orElse(0L);
    tellPrompts();
    Precision precision = arguments.precision();
    err(
        "Training in %s: %s%n",
        precision, FastestPrecision.TRAINING.reason(arguments.askedPrecision(), precision));
    List<PairFile> judging = Stream.of(devPairs, testPairs).flatMap(Optional::stream).toList();
    if (resumed.isPresent()) { // else what is there is of others
      for (PairFile file : judging) {
        PairEvaluation.resume(output, file.name(), step);
      }
    }
    try (TrainingLog log =
            step == 0 ? TrainingLog.create(output) : TrainingLog.resume(output, step);
        TrainingProgress progress =
            new TrainingProgress(
                spec.commandLine().getErr(), log, output, arguments.askedPrecision(), devPairs)) {
      Trainer trainer = new Trainer(arguments, chosen, output, progress);
      Trainer.Outcome outcome =
          new StoppableTraining(trainer, this::err).run(training, fingerprint, progress::done);
      if (!outcome.finished()) {
        return INTERRUPTED;
      }
      finish(chosen, outcome, began, training, judging);
    }
    return 0;
  }

  private void check() throws IOException {
    arguments.check();
    if (arguments.earlyStoppingPatience > 0 && dev == null) {
      throw new IllegalArgumentException("--early-stopping-patience needs --dev to judge by");
    }
    base.check(task);
    base.requireApart(output);
  }

  /** Rows of other losses have columns of their own; only what is judged by is pairs then. */
  private void checkPairOptions(Loss chosen) {
    if (!chosen.shape().isScoredPair()) {
      List<String> useless = new ArrayList<>(pairData.given());
      if (dev != null || test != null) {
        useless.retainAll(List.of(PairDataOptions.SCORE_SCALE));
      }
      if (!useless.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is for scored pairs, and --loss %s learns from rows of other columns: leave it out"
                .formatted(String.join(", ", useless), lossName()));
      }
    }
  }

  private EncoderKind kind() {
    return task.kind();
  }

  private Loss loss() {
    return Losses.of(kind(), Optional.ofNullable(loss), lossArguments);
  }

  private String lossName() {
    return Losses.name(kind(), Optional.ofNullable(loss));
  }

  private Optional<PairFile> evaluated(Path file, Split split, ScoreScale scale)
      throws IOException {
    if (file == null) {
      return Optional.empty();
    }
    List<ScoredPair> pairs = scale.apply(pairData.read(file, Optional.of(split)));
    if (pairs.size() < 2) {
      throw new IOException(file + " holds " + pairs.size() + " pairs: no correlation exists");
    }
    // Metrics, and the files that hold them, are called by it; those of dev stay what they are
    // called when a run goes on with another --test.
    boolean taken = split == Split.TEST && dev != null && name(dev).equals(name(file));
    String name = taken ? name(file) + "-" + split : name(file);
    return Optional.of(new PairFile(name, file, pairs, scale));
  }

  private static String name(Path file) {
    return file.getFileName().toString().replaceFirst("\\..*", "");
  }

  /** Makes the output ready; tells the step of the checkpoint that training goes on from. */
  private Optional<Long> begin(String fingerprint) throws IOException {
    Checkpoints checkpoints = new Checkpoints(output);
    Optional<Long> newest = checkpoints.newest();
    if (newest.isPresent() && !resume) {
      throw new IOException(
          output + " holds a run already: give --resume to go on with it, or another --output");
    }
    if (newest.isPresent()) {
      Trainer.checkResumable(checkpoints.of(newest.get()), fingerprint);
    } else {
      requireFree();
      base.checkTrainable(kind(), arguments);
      Files.createDirectories(output);
      checkpoints.write(
          0,
          folder -> {
            base.write(kind(), arguments.seed, folder);
            requireFree(ModelFiles.of(folder).stream());
            Trainer.begin(folder, fingerprint, arguments.lora);
          });
      if (resume) {
        err("%s holds no checkpoint to go on from: training begins%n", output);
      }
    }
    return newest;
  }

  /**
   * Refuses a folder that has papers of another run, or settings that would be read as the model's.
   */
  private void requireFree() throws IOException {
    if (Files.isDirectory(output)) {
      try (Stream<Path> files = Files.list(output)) {
        requireFree(files.map(Path::getFileName).filter(TrainCommand::isOfRun));
      }
    }
  }

  private static boolean isOfRun(Path file) {
    String name = file.toString();
    return ModelFiles.isSetting(name)
        || TrainedModel.PAPERS.contains(name)
        || name.equals(TrainingLog.FILE);
  }

  /** Refuses a folder that has one of the files that a run would write over. */
  private void requireFree(Stream<Path> written) throws IOException {
    Optional<Path> taken =
        written.filter(file -> Files.exists(output.resolve(file))).sorted().findFirst();
    if (taken.isPresent()) {
      throw new IOException(
          "%s holds [%s], and no checkpoint to go on from: give another --output"
              .formatted(output, taken.get()));
    }
  }

  /**
   * A model that is trained without its prompts is served with them all the same: with one before
   * each side, pairs and texts of no side with the default one.
   */
  private void tellPrompts() throws IOException {
    if (arguments.prompts != null) {
      return;
    }
    Prompts prompts = Prompts.of(ModelFolder.open(new Checkpoints(output).of(0)));
    Map<String, String> served = new LinkedHashMap<>();
    if (kind() != EncoderKind.CROSS) {
      served.put("query", prompts.ofSide(InputType.QUERY));
      served.put("document", prompts.ofSide(InputType.DOCUMENT));
    }
    prompts
        .byDefault()
        .ifPresent(name -> served.put(name, prompts.resolve(EncodeRequest.of(List.of()))));
    served.values().removeIf(String::isEmpty);
    if (!served.isEmpty()) {
      err(
          "%s is served with the prompts %s and learns without: --prompts puts them before texts%n",
          base.path(), served);
    }
  }

  /**
   * What decides the steps and which is the best, one a line: the data and all settings but those
   * that only say what is written.
   */
  private String fingerprint(
      List<TrainingFile> training, Optional<PairFile> judging, BaseModel began) throws IOException {
    return String.join(
        "\n",
        "train=" + training.stream().map(file -> file.rows().sha256()).toList(),
        "dev=" + judging.map(file -> TrainingRows.of(pairData.columns(), file.pairs()).sha256()),
        "base=" + began.sha256() + " " + base.deciding(),
        "prompts=" + GSON.toJson(training.stream().map(arguments::prompts).toList()),
        "loss=" + lossName() + " " + loss().parameters(),
        "arguments=" + arguments.deciding(kind()));
  }

  private void finish(
      Loss chosen,
      Trainer.Outcome outcome,
      BaseModel began,
      List<TrainingFile> training,
      List<PairFile> judging)
      throws IOException {
    Checkpoints checkpoints = new Checkpoints(output);
    ModelWriter.copy(checkpoints.of(outcome.best()), output);
    new TrainedModel(
            task,
            began,
            output,
            chosen,
            arguments,
            pairData.columns(),
            outcome,
            spec.commandLine().getErr())
        .describe(training, judging);
    err("%s: trained in %,d steps%n", output, outcome.steps());
  }

  private void err(String format, Object... values) {
    spec.commandLine().getErr().printf(Locale.ROOT, format, values);
    spec.commandLine().getErr().flush();
  }
}
