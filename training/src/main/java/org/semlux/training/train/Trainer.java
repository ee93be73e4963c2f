package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.semlux.encoders.EncoderKind;
import org.semlux.encoders.TrainableModel;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.card.LogEntry;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.loss.Loss;

/**
 * Fine-tunes a model folder. All that it does follows from the folder, the pairs and the arguments;
 * a run that was stopped or killed goes on from its newest checkpoint as if nothing had happened.
 * For one thread, but for {@link #stop()}.
 */
public final class Trainer {
  static final String OPTIMIZER = "optimizer.safetensors";

  /** Steps in which memory is found and kernels are made. */
  private static final int UNPROFILED = 10;

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
   */
  public record Outcome(
      long steps,
      long best,
      boolean finished,
      java.time.Instant start,
      double trainingSeconds,
      double evaluationSeconds,
      double cpuSeconds) {}

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
   * @param pairs with labels that the loss understands
   * @param fingerprint of the data; a checkpoint of other data or settings is refused
   * @throws org.semlux.encoders.ModelException when the model cannot be trained so
   * @throws IOException when a file cannot be read or written, or the loss is no number any more
   */
  public Outcome run(List<ScoredPair> pairs, String fingerprint) throws IOException {
    checkpoints.sweep();
    long newest = checkpoints.newest().orElseThrow();
    Path from = checkpoints.of(newest);
    TrainerState state = newest == 0 ? TrainerState.initial(fingerprint) : TrainerState.read(from);
    if (!state.fingerprint().equals(fingerprint)) {
      throw new IOException(
          from
              + " was written with other data or settings: give the same ones or another --output");
    }
    try (ExampleReader reader = ExampleReader.open(from)) {
      List<Example> examples = pairs.stream().map(reader::read).toList();
      Optional<int[]> rows = rows(reader.folder(), examples);
      int firstTrained = frozenVectors(reader.folder()) ? 1 : 0;
      try (TrainableModel model = load(reader, rows);
          Optimizer optimizer = new Optimizer(model, firstTrained, rowOf(rows), arguments)) {
        if (newest > 0) {
          optimizer.load(from.resolve(OPTIMIZER));
        }
        return new Run(from, model, optimizer, examples, state).run();
      }
    }
  }

  /**
   * Refuses a folder that cannot be trained as what it is.
   *
   * @throws org.semlux.encoders.ModelException saying why
   */
  public static void check(Path base) throws IOException {
    ExampleReader.open(base).close();
  }

  private TrainableModel load(ExampleReader reader, Optional<int[]> rows) throws IOException {
    Map<String, Object> constants = new HashMap<>();
    constants.put("loss_parts", Math.max(1, loss.parts().size()));
    constants.put("beta1", arguments.adamBeta1);
    constants.put("beta2", arguments.adamBeta2);
    constants.put("adam_epsilon", arguments.adamEpsilon);
    return TrainableModel.load(
        reader.folder(),
        reader.network(),
        reader.head(),
        arguments.precision(),
        rows,
        new TrainableModel.Settings() {
          @Override
          public Map<String, ?> constants() {
            return constants;
          }

          @Override
          public void addLoss(ProgramText text) {
            loss.addTo(text);
          }
        });
  }

  private static boolean frozenVectors(ModelFolder folder) throws IOException {
    Module first = folder.modules().get(0);
    return first.type().equals("WordEmbeddings")
        && !first.config("wordembedding_config.json").getBoolean("update_embeddings", false);
  }

  /** Rows of the word vectors that the examples use, where the others cannot change. */
  private Optional<int[]> rows(ModelFolder folder, List<Example> examples) throws IOException {
    // A sparse encoder's decoder often is that table; and with decay every row changes.
    if (folder.kind() == EncoderKind.SPARSE || arguments.weightDecay > 0) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.concat(
                IntStream.of(0),
                examples.stream()
                    .flatMap(example -> example.sequences().stream())
                    .flatMapToInt(tokens -> Arrays.stream(tokens.ids())))
            .distinct()
            .sorted()
            .toArray());
  }

  private static IntUnaryOperator rowOf(Optional<int[]> rows) {
    return rows.<IntUnaryOperator>map(held -> id -> Arrays.binarySearch(held, id))
        .orElse(IntUnaryOperator.identity());
  }

  /** One run of the loop. */
  private final class Run {
    private final Path base;
    private final long start;
    private final TrainableModel model;
    private final Optimizer optimizer;
    private final List<Example> examples;
    private final Epochs epochs;
    private final LossMean mean;
    private TrainerState state;
    private long clock = System.nanoTime();
    private long cpu = cpuNanos();

    Run(
        Path base,
        TrainableModel model,
        Optimizer optimizer,
        List<Example> examples,
        TrainerState state) {
      this.base = base;
      this.model = model;
      this.optimizer = optimizer;
      this.examples = examples;
      this.state = state;
      this.start = state.step();
      this.epochs = new Epochs(examples.size(), arguments);
      this.mean = new LossMean(loss.parts(), state.unlogged());
    }

    Outcome run() throws IOException {
      long total = epochs.total();
      boolean patient = patient(); // a run that was killed after its last step has ended already
      long unprofiled = state.step() + UNPROFILED;
      while (state.step() < total && patient && !stopping) {
        if (arguments.profileSteps > 0 && state.step() == unprofiled) {
          optimizer.startProfile();
        }
        step();
        if (arguments.profileSteps > 0 && state.step() == unprofiled + arguments.profileSteps) {
          profiled();
        }
        boolean last = state.step() == total;
        boolean evaluates = last || due(arguments.evalSteps, epochs.stepsPerEpoch());
        if (evaluates || (arguments.saveSteps > 0 && state.step() % arguments.saveSteps == 0)) {
          save(evaluates);
          patient = patient();
        }
      }
      boolean finished = state.step() == total || !patient;
      if (!finished) {
        save(false);
      }
      prune(Set.of());
      tick(false);
      return new Outcome(
          state.step(),
          Double.isNaN(state.bestMetric()) ? state.step() : state.bestStep(),
          finished,
          state.start(),
          state.trainingSeconds(),
          state.evaluationSeconds(),
          state.cpuSeconds());
    }

    private void profiled() throws IOException {
      Path trace = Files.createTempFile("semlux-train", ".json");
      try {
        optimizer.stopProfile(trace);
        listener.profiled(StepProfile.read(trace, arguments.profileSteps));
      } finally {
        Files.delete(trace);
      }
    }

    private boolean patient() {
      return arguments.earlyStoppingPatience == 0
          || state.worse() < arguments.earlyStoppingPatience;
    }

    private boolean due(long every, long otherwise) {
      return state.step() % (every > 0 ? every : otherwise) == 0;
    }

    private void step() throws IOException {
      long step = state.step();
      List<Batch> batches =
          epochs.batches(step).stream()
              .map(
                  places ->
                      Batch.of(places.stream().map(examples::get).toList(), optimizer.threads()))
              .toList();
      float rate = (float) rate(step);
      Optimizer.Result result = optimizer.step(step, batches, rate, documents(step), queries(step));
      if (!Double.isFinite(result.loss())) {
        throw new IOException(
            "the loss is "
                + result.loss()
                + " at step "
                + (step + 1)
                + ": lower --learning-rate, or look for bad rows in the training data");
      }
      state = state.withStep(step + 1);
      mean.add(result.losses(), batches.stream().mapToInt(batch -> batch.labels().length).sum());
      listener.stepped(state.step(), epochs.total());
      if (state.step() % arguments.loggingSteps == 0 || state.step() == epochs.total()) {
        listener.logged(
            mean.entry(state.step(), epochs.epoch(state.step()), result.gradNorm(), rate));
      }
    }

    private double rate(long step) {
      long total = epochs.total();
      long warmup =
          arguments.warmupSteps > 0
              ? arguments.warmupSteps
              : (long) Math.ceil(total * arguments.warmupRatio);
      return arguments.learningRate * arguments.lrSchedulerType.factor(step, warmup, total);
    }

    private float documents(long step) {
      return (float) (arguments.documentRegularizerWeight * ramp(step));
    }

    private float queries(long step) {
      OptionalDouble weight = arguments.queryWeight();
      return weight.isPresent() ? (float) (weight.getAsDouble() * ramp(step)) : -1;
    }

    /** Rises as a square. */
    private double ramp(long step) {
      long rising = (long) (epochs.total() * arguments.regularizerWarmupRatio);
      return step >= rising ? 1 : Math.pow((double) step / rising, 2);
    }

    private void save(boolean evaluates) throws IOException {
      tick(false);
      long step = state.step();
      // Written before it is judged, and judged before the state is: a killed run evaluates again.
      Path judged = checkpoints.output().resolve("checkpoint-" + step + ".unfinished");
      checkpoints.write(
          step,
          folder -> {
            ModelWriter.write(base, model.weights(), folder);
            optimizer.save(folder.resolve(OPTIMIZER));
            if (evaluates) {
              OptionalDouble metric = listener.evaluate(judged, step, epochs.epoch(step));
              if (metric.isPresent()) {
                state = state.judged(metric.getAsDouble());
              }
            }
            tick(true);
            state.withUnlogged(mean.unlogged()).write(folder);
          });
      prune(Set.of(start));
    }

    /** What this run began with is read again for each checkpoint, so until the end it stays. */
    private void prune(Set<Long> needed) throws IOException {
      Set<Long> wanted = new HashSet<>(needed);
      wanted.addAll(List.of(0L, state.step(), state.bestStep()));
      checkpoints.prune(wanted, arguments.saveTotalLimit);
    }

    /** Counts the time since the last call. */
    private void tick(boolean evaluated) {
      long now = System.nanoTime();
      long used = cpuNanos();
      double seconds = (now - clock) / 1e9;
      state = state.after(evaluated ? 0 : seconds, evaluated ? seconds : 0, (used - cpu) / 1e9);
      clock = now;
      cpu = used;
      mean.pause();
    }

    private static long cpuNanos() {
      return java.lang.management.ManagementFactory.getPlatformMXBean(
              com.sun.management.OperatingSystemMXBean.class)
          .getProcessCpuTime();
    }
  }

  /** What the steps since the last log entry came to. */
  private static final class LossMean {
    private final List<String> names;
    private double[] sums;
    private int steps;
    private long pairs;
    private long nanos;
    private long since = System.nanoTime();

    LossMean(List<String> names, TrainerState.Unlogged unlogged) {
      this.names = names;
      sums = unlogged.losses().stream().mapToDouble(Double::doubleValue).toArray();
      steps = unlogged.steps();
    }

    TrainerState.Unlogged unlogged() {
      return new TrainerState.Unlogged(steps, Arrays.stream(sums).boxed().toList());
    }

    void add(float[] losses, int more) {
      sums = sums.length == 0 ? new double[losses.length] : sums;
      IntStream.range(0, losses.length).forEach(i -> sums[i] += losses[i]);
      steps++;
      pairs += more;
      long now = System.nanoTime();
      nanos += now - since;
      since = now;
    }

    /** What happens until now is no training. */
    void pause() {
      since = System.nanoTime();
    }

    LogEntry entry(long step, double epoch, double gradNorm, double rate) {
      Map<String, Double> parts = new LinkedHashMap<>();
      IntStream.range(0, names.size()).forEach(i -> parts.put(names.get(i), sums[i] / steps));
      LogEntry entry =
          new LogEntry(
              step,
              epoch,
              Arrays.stream(sums).sum() / steps,
              parts,
              gradNorm,
              rate,
              pairs / (nanos / 1e9));
      sums = new double[0];
      steps = 0;
      pairs = 0;
      nanos = 0;
      return entry;
    }
  }
}
