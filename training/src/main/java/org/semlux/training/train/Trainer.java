package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.text.LateTokens;
import org.semlux.training.card.LogEntry;
import org.semlux.training.card.TrainingRun;
import org.semlux.training.loss.Loss;

/**
 * Fine-tunes a model folder. All that it does follows from the folder, the pairs and the arguments;
 * a run that was stopped or killed goes on from its newest checkpoint as if nothing had happened.
 * For one thread, but for {@link #stop()}.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * Path run = Path.of("run"); // begun as Checkpoints shows
 * Path data = Path.of("sts-train.jsonl");
 * TrainingRows rows = TrainingRows.read(data, Split.TRAIN, System.err::println);
 * TrainingFile file = new TrainingFile("sts-train", data, rows, new ScoreScale(1));
 * Loss loss = Losses.of(EncoderKind.DENSE, Optional.of("CoSENT"), new LossArguments());
 * try (TrainingLog log = TrainingLog.create(run);
 *     TrainingProgress progress =
 *         new TrainingProgress(
 *             new PrintWriter(System.err), log, run, Precision.AUTO, Optional.empty())) {
 *   Trainer trainer = new Trainer(arguments, loss, run, progress);
 *   long best = trainer.run(List.of(file), "sts-train, lr 2e-5").best(); // a checkpoint's step
 * }
 * }
 */
public final class Trainer {
  static final String OPTIMIZER = "optimizer.safetensors";

  /** What a trainer tells its owner, and asks. */
  public interface Listener {
    /** Operators were timed: {@code --profile-steps}. */
    void profiled(StepProfile profile);

    /** A step is done. */
    void stepped(long step, long total);

    /** Steps since the last entry have come to this. */
    void logged(LogEntry entry) throws IOException;

    /**
     * Evaluates a checkpoint.
     *
     * @return how good it is, the more the better; empty where there is nothing to judge by
     */
    OptionalDouble evaluate(Path checkpoint, long step, double epoch) throws IOException;
  }

  /**
   * How a run ended.
   *
   * @param steps done in all
   * @param best the step whose checkpoint is the best, or the last where none was judged
   * @param finished whether it came to its end, and was not told to stop
   * @param duration of all of it
   */
  public record Outcome(long steps, long best, boolean finished, TrainingRun.Duration duration) {}

  private final TrainingArguments arguments;
  private final Loss loss;
  private final Checkpoints checkpoints;
  private final Listener listener;
  private volatile boolean stopping;

  /**
   * @param output where checkpoints lie, one of step 0 at least: the model that training begins
   *     with
   */
  public Trainer(TrainingArguments arguments, Loss loss, Path output, Listener listener) {
    this.arguments = arguments;
    this.loss = loss;
    this.checkpoints = new Checkpoints(output);
    this.listener = listener;
  }

  /** Makes {@link #run} save a checkpoint and return after the step it is at. Thread-safe. */
  public void stop() {
    stopping = true;
  }

  /**
   * Trains from the newest checkpoint on.
   *
   * @param files of rows that the loss takes; a batch is of one file
   * @param fingerprint of data and settings, one a line; a checkpoint of others is refused
   * @throws org.semlux.encoders.api.ModelException when the model cannot be trained so
   * @throws IOException when a file cannot be read or written, or the loss or a gradient is no
   *     number any more
   */
  public Outcome run(List<TrainingFile> files, String fingerprint) throws IOException {
    checkpoints.sweep();
    long newest = checkpoints.newest().orElseThrow();
    Path from = checkpoints.of(newest);
    TrainerState state = TrainerState.read(from);
    state.requireSame(from, fingerprint);
    try (ExampleReader reader = ExampleReader.open(from)) {
      List<Example> examples =
          files.stream()
              .flatMap(file -> reader.read(file.rows().rows(), arguments.prompts(file)))
              .toList();
      try (TrainableModel model = load(reader, examples);
          TrainingSteps steps =
              new TrainingSteps(model, arguments, scope -> adapters(scope, model, from))) {
        if (newest > 0) {
          steps.load(from.resolve(OPTIMIZER));
        }
        return new TrainingLoop(
                arguments,
                loss,
                checkpoints,
                listener,
                () -> stopping,
                from,
                model,
                steps,
                examples,
                reader.firstSide(),
                AnswerCheck.of(files, arguments.askedPrecision()),
                BatchSampler.of(files.stream().map(file -> file.rows().rows()).toList(), arguments),
                state)
            .run();
      }
    }
  }

  /**
   * Refuses a folder that cannot be trained as what it is.
   *
   * @throws org.semlux.encoders.api.ModelException saying why
   */
  public static void check(Path base, LoraArguments lora) throws IOException {
    check(base, lora, Optional.empty());
  }

  /**
   * The same, where a loss may ask for more numbers than its vectors have.
   *
   * @throws IllegalArgumentException naming the loss's option
   */
  static void check(Path base, LoraArguments lora, Optional<Loss> loss) throws IOException {
    try (ExampleReader reader = ExampleReader.open(base)) {
      for (TextRoute route : reader.routes()) {
        if (loss.isPresent() && route.head() instanceof DenseHead dense) {
          loss.get().checkDimensions(dense.dimensions());
        }
      }
      if (lora.isAsked()) {
        LowRankAdapters.check(reader, lora);
      }
    }
  }

  /**
   * Refuses a checkpoint of another run, before anything of that run is touched.
   *
   * @param fingerprint of the data and settings that are asked for
   * @throws IOException that names what differs
   */
  public static void checkResumable(Path checkpoint, String fingerprint) throws IOException {
    TrainerState.read(checkpoint).requireSame(checkpoint, fingerprint);
  }

  /**
   * Makes a model's folder the checkpoint that a run begins with.
   *
   * @param fingerprint of the run's data and settings
   * @throws org.semlux.encoders.api.ModelException when it cannot be trained
   * @throws IllegalArgumentException when the loss asks for more numbers than its vectors have
   */
  public static void begin(Path folder, String fingerprint, LoraArguments lora, Loss loss)
      throws IOException {
    check(folder, lora, Optional.of(loss));
    TrainerState.initial(fingerprint).write(folder);
  }

  private Optional<LowRankAdapters> adapters(NativeScope scope, TrainableModel model, Path from)
      throws IOException {
    return arguments.lora.isAsked()
        ? Optional.of(new LowRankAdapters(scope, model, from, checkpoints.of(0), arguments))
        : Optional.empty();
  }

  private TrainableModel load(ExampleReader reader, List<Example> examples) throws IOException {
    List<Optional<int[]>> rows = new ArrayList<>();
    for (TextRoute route : reader.routes()) {
      rows.add(rows(reader, route, examples));
    }
    return TrainableModel.load(
        reader, arguments.precision(), rows, settings(arguments, loss, reader.late()));
  }

  /** What a model's program is made with. */
  static TrainableModel.Settings settings(
      TrainingArguments arguments, Loss loss, Optional<LateTokens> late) {
    return new TrainableModel.Settings() {
      @Override
      public Map<String, ?> constants() {
        return Map.of(
            "beta1",
            arguments.adamW.adamBeta1,
            "beta2",
            arguments.adamW.adamBeta2,
            "adam_epsilon",
            arguments.adamW.adamEpsilon);
      }

      @Override
      public void addLoss(ProgramText text) {
        late.ifPresent(tokens -> tokens.addTo(text));
        loss.addTo(text);
      }
    };
  }

  /** Rows of the word vectors that the examples use, where the others cannot change. */
  private Optional<int[]> rows(ExampleReader reader, TextRoute route, List<Example> examples)
      throws IOException {
    // A sparse encoder's decoder often is that table; and with decay every row changes.
    if (reader.folder().kind() == EncoderKind.SPARSE || arguments.adamW.weightDecay > 0) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.concat(IntStream.of(0), reader.ids(route, examples))
            .distinct()
            .sorted()
            .toArray());
  }
}
