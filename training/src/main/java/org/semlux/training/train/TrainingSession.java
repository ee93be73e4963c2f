package org.semlux.training.train;

import static java.util.stream.Collectors.joining;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.Prompts;
import org.semlux.training.base.StartingModel;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.Task;
import org.semlux.training.card.TrainingLog;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.folder.Leftovers;
import org.semlux.training.folder.ModelFiles;

/**
 * A run of training, from what it starts from to a model with its card and report. It begins in a
 * folder or goes on there, however it was stopped. For one thread, and one at a time in a process.
 *
 * {@snippet lang=java :
 * PrintWriter err = new PrintWriter(System.err, true);
 * Loss loss = Losses.of(EncoderKind.DENSE, Optional.of("CoSENT"), new LossArguments());
 * ScoredPairReader pairs = new ScoredPairReader(PairColumns.DEFAULT, false, err);
 * TrainingData data =
 *     new TrainingDataReader(loss, "CoSENT", pairs, OptionalDouble.empty(), err)
 *         .read(List.of(Path.of("train.csv")), Optional.of(Path.of("dev.csv")), Optional.empty());
 * TrainingArguments arguments = new TrainingArguments();
 * StartingModel start = StartingFolder.of(Path.of("minilm"), arguments.seed);
 * new TrainingSession(Task.BI_ENCODER, start, data, arguments, Path.of("minilm-stsb"), err)
 *     .run(true); // the folder is a model now
 * }
 *
 * @param arguments that make sense, see {@link TrainingArguments#check}
 * @param output the folder of the run and of its model
 * @param err is told how it goes
 */
public record TrainingSession(
    Task task,
    StartingModel start,
    TrainingData data,
    TrainingArguments arguments,
    Path output,
    PrintWriter err) {
  private static final Gson GSON = new Gson();

  /**
   * Trains until the end, or until the process is told to stop.
   *
   * @param resume whether to go on from the newest checkpoint in the output, if there is one
   * @return whether it came to its end, so that the model is there
   * @throws IOException when a file cannot be read or written, the output holds what is not this
   *     run's, or the loss or a gradient is no number any more
   * @throws org.semlux.encoders.api.ModelException when the model cannot be trained so
   */
  public boolean run(boolean resume) throws IOException {
    if (arguments.prompts != null) {
      arguments.prompts.check(data.files(), kind());
    }
    requireQueryTable();
    BaseModel began = BaseModel.of(start.source()); // while it is what training begins with
    if (resume) {
      keepPrecision();
    }
    String fingerprint = fingerprint(began);
    Optional<Long> resumed = resumable(resume, fingerprint);
    Leftovers.take(output, this::tell); // two would remove each other's checkpoints
    try {
      if (resumed.isEmpty()) {
        begin(resume, fingerprint);
      }
      return train(resumed, fingerprint, began);
    } finally {
      Leftovers.release(output);
    }
  }

  private boolean train(Optional<Long> resumed, String fingerprint, BaseModel began)
      throws IOException {
    long step = resumed.orElse(0L);
    tellPrompts();
    tellUntrained();
    say("Training in %s: %s", arguments.precision(), arguments.precisionReason());
    if (resumed.isPresent()) { // else what is there is of others
      for (PairFile file : data.judging()) {
        PairEvaluation.resume(output, file.name(), step);
      }
    }
    try (TrainingLog log =
            step == 0 ? TrainingLog.create(output) : TrainingLog.resume(output, step);
        TrainingProgress progress =
            new TrainingProgress(err, log, output, arguments.askedPrecision(), data.dev())) {
      Trainer trainer = new Trainer(arguments, data.loss(), output, progress);
      Trainer.Outcome outcome =
          new StoppableTraining(trainer, err).run(data.files(), fingerprint, progress::done);
      if (outcome.finished()) {
        finish(outcome, began);
      }
      return outcome.finished();
    }
  }

  private EncoderKind kind() {
    return task.kind();
  }

  /**
   * What decides the steps and which is the best, one a line: the data and all settings but those
   * that only say what is written.
   */
  private String fingerprint(BaseModel began) throws IOException {
    List<TrainingFile> files = data.files();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("task", task);
    all.put("train", files.stream().map(file -> file.rows().sha256()).toList());
    all.put("dev", data.dev().map(file -> file.rows().sha256()));
    all.put("base", began.sha256() + " " + start.deciding());
    all.put("prompts", GSON.toJson(files.stream().map(arguments::prompts).toList()));
    all.put("loss", data.lossName());
    data.loss().parameters().forEach((name, value) -> all.put("loss." + name, value));
    all.putAll(arguments.deciding(kind()));
    return all.entrySet().stream().map(Object::toString).collect(joining("\n"));
  }

  private void keepPrecision() throws IOException {
    Checkpoints checkpoints = new Checkpoints(output);
    Optional<Long> newest = checkpoints.newest();
    if (newest.isPresent()) {
      arguments.goOnIn(TrainerState.read(checkpoints.of(newest.get())).precision());
    }
  }

  /**
   * The step of the checkpoint that training goes on from. Refuses what cannot be trained, before
   * anything is written.
   */
  private Optional<Long> resumable(boolean resume, String fingerprint) throws IOException {
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
      checkTrainable();
    }
    return newest;
  }

  private void begin(boolean resume, String fingerprint) throws IOException {
    new Checkpoints(output)
        .write(
            0,
            folder -> {
              start.write(kind(), folder);
              requireFree(ModelFiles.of(folder).stream());
              Trainer.begin(folder, fingerprint, arguments.lora, data.loss());
            });
    if (resume) {
      say("%s holds no checkpoint to go on from: training begins", output);
    }
  }

  private void checkTrainable() throws IOException {
    if (start.isOf(kind())) {
      Trainer.check(start.source(), arguments.lora, Optional.of(data.loss()));
    }
    start.check(kind());
    if (start.hasFrozenTable(kind())) {
      for (String option : arguments.ofQueryTable()) {
        throw new IllegalArgumentException(
            "%s changes nothing where the base says that its table of query weights is frozen: leave it out, or say \"frozen\": false in the table's config.json"
                .formatted(option));
      }
    }
  }

  /** Of a run that goes on too: what is no sparse encoder's has no part in its fingerprint. */
  private void requireQueryTable() throws IOException {
    if (arguments.adamW.queryTableLearningRate != null && !start.looksUpQueries(kind())) {
      throw new IllegalArgumentException(
          "--query-table-learning-rate needs a sparse encoder with a table of query weights, or"
              + " --inference-free to make one");
    }
  }

  /**
   * Refuses a folder that has the documentation of another run, or settings that would be read as
   * the model's.
   */
  private void requireFree() throws IOException {
    if (Files.isDirectory(output)) {
      try (Stream<Path> files = Files.list(output)) {
        requireFree(files.map(Path::getFileName).filter(TrainingSession::isOfRun));
      }
    }
  }

  private static boolean isOfRun(Path file) {
    String name = file.toString();
    return ModelFiles.isSetting(name)
        || TrainedModel.DOCUMENTATION.contains(name)
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
      say(
          "%s is served with the prompts %s and learns without: --prompts puts them before texts",
          start.source(), served);
    }
  }

  /** What the loss asks nothing of gets worse rather than better. */
  private void tellUntrained() throws IOException {
    if (kind() == EncoderKind.DENSE) {
      Router router = Router.of(ModelFolder.open(new Checkpoints(output).of(0)));
      ModelFolder route = router.routes().values().iterator().next(); // all are of one length
      int dimensions = DenseHead.of(route, Networks.of(route)).dimensions();
      data.loss().untrained(dimensions).ifPresent(untrained -> say("%s", untrained));
    }
  }

  private void finish(Trainer.Outcome outcome, BaseModel began) throws IOException {
    ModelWriter.copy(new Checkpoints(output).of(outcome.best()), output);
    new TrainedModel(task, began, output, data, arguments, outcome, err).describe();
    say("%s: trained in %,d steps", output, outcome.steps());
  }

  private void tell(String sentence) {
    say("%s", sentence);
  }

  private void say(String format, Object... values) {
    err.printf(Locale.ROOT, format + "%n", values);
    err.flush();
  }
}
