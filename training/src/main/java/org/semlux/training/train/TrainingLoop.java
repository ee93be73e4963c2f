package org.semlux.training.train;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.program.FreedMemory;
import org.semlux.training.loss.Loss;

/** The steps of a run, with what happens between them: log, evaluations, checkpoints. */
final class TrainingLoop {
  /** Steps in which memory is found and kernels are made. */
  private static final int UNPROFILED = 10;

  private final TrainingArguments arguments;
  private final Checkpoints checkpoints;
  private final Trainer.Listener listener;
  private final BooleanSupplier stopping;
  private final Path base;
  private final long start;
  private final TrainableModel model;
  private final TrainingSteps steps;
  private final List<Example> examples;
  private final Batch.FirstSide firstSide;
  private final AnswerCheck answers;
  private final Epochs epochs;
  private final LossMean mean;
  private TrainerState state;
  private long clock = System.nanoTime();
  private long cpu = cpuNanos();

  /**
   * @param base the checkpoint that the model was read from
   * @param firstSide which way the examples' first sequences go
   * @param answers which a model must have that is saved
   * @param state what it says of the run so far
   */
  TrainingLoop(
      TrainingArguments arguments,
      Loss loss,
      Checkpoints checkpoints,
      Trainer.Listener listener,
      BooleanSupplier stopping,
      Path base,
      TrainableModel model,
      TrainingSteps steps,
      List<Example> examples,
      Batch.FirstSide firstSide,
      AnswerCheck answers,
      BatchSampler sampler,
      TrainerState state) {
    this.arguments = arguments;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.stopping = stopping;
    this.base = base;
    this.model = model;
    this.steps = steps;
    this.examples = examples;
    this.firstSide = firstSide;
    this.answers = answers;
    this.state = state;
    this.start = state.step();
    this.epochs = new Epochs(sampler, arguments);
    this.mean = new LossMean(loss.parts(), state.unlogged());
  }

  Trainer.Outcome run() throws IOException {
    long total = epochs.total();
    boolean patient = patient(); // a run that was killed after its last step has ended already
    // Of a short run the last steps are timed, or all there are.
    long last = Math.min(total, start + UNPROFILED + arguments.checkpoints.profileSteps);
    long profile = Math.max(start, last - arguments.checkpoints.profileSteps);
    while (state.step() < total && patient && !stopping.getAsBoolean()) {
      if (arguments.checkpoints.profileSteps > 0 && state.step() == profile) {
        steps.startProfile();
      }
      step();
      if (arguments.checkpoints.profileSteps > 0 && state.step() == last) {
        profiled(last - profile);
      }
      boolean evaluates =
          state.step() == total || due(arguments.checkpoints.evalSteps, epochs.stepsPerEpoch());
      if (evaluates
          || (arguments.checkpoints.saveSteps > 0
              && state.step() % arguments.checkpoints.saveSteps == 0)) {
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
    return new Trainer.Outcome(
        state.step(),
        Double.isNaN(state.bestMetric()) ? state.step() : state.bestStep(),
        finished,
        state.duration());
  }

  private void profiled(long count) throws IOException {
    Path trace = Files.createTempFile("semlux-train", ".json");
    try {
      steps.stopProfile(trace);
      listener.profiled(StepProfile.read(trace, Math.toIntExact(count)));
    } finally {
      Files.delete(trace);
    }
  }

  private boolean patient() {
    return arguments.checkpoints.earlyStoppingPatience == 0
        || state.worse() < arguments.checkpoints.earlyStoppingPatience;
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
                    Batch.of(
                        places.stream().map(examples::get).toList(),
                        steps.threads(),
                        arguments.miniBatchSize,
                        firstSide))
            .toList();
    double factor = arguments.adamW.factor(step, epochs.total());
    float rate = (float) (arguments.adamW.learningRate * factor);
    TrainingSteps.Result result = steps.run(step, batches, factor, documents(step), queries(step));
    requireFinite("loss", result.loss(), step);
    requireFinite("norm of the gradients", result.gradNorm(), step);
    state = state.withStep(step + 1);
    FreedMemory.giveBackEvery(5);
    mean.add(result.losses(), batches.stream().mapToInt(Batch::rows).sum());
    listener.stepped(state.step(), epochs.total());
    if (state.step() % arguments.checkpoints.loggingSteps == 0 || state.step() == epochs.total()) {
      listener.logged(
          mean.entry(state.step(), epochs.epoch(state.step()), result.gradNorm(), rate));
    }
  }

  /** Weights that follow such a number are lost, and a checkpoint would hold them. */
  private static void requireFinite(String name, double value, long step) throws IOException {
    if (!Double.isFinite(value)) {
      throw new IOException(
          "the %s is %s at step %s: lower --learning-rate, or look for bad rows in the training data"
              .formatted(name, value, step + 1));
    }
  }

  private float documents(long step) {
    return (float) (arguments.splade.documentRegularizerWeight * ramp(step));
  }

  private float queries(long step) {
    OptionalDouble weight = arguments.splade.queryWeight();
    if (weight.isEmpty()) {
      return model.table().isPresent() ? 0 : -1; // what is looked up has as many terms as tokens
    }
    return (float) (weight.getAsDouble() * ramp(step));
  }

  /** Rises as a square. */
  private double ramp(long step) {
    long rising = (long) (epochs.total() * arguments.splade.regularizerWarmupRatio);
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
          steps.moments().save(folder.resolve(Trainer.OPTIMIZER));
          OptionalDouble metric = judge(judged, evaluates);
          if (metric.isPresent()) {
            state = state.judged(metric.getAsDouble());
          }
          tick(true);
          state.withUnlogged(mean.unlogged()).write(folder);
        });
    prune(Set.of(start));
  }

  /** Empty where there is nothing to judge by; then the model must have answers at least. */
  private OptionalDouble judge(Path model, boolean evaluates) throws IOException {
    long step = state.step();
    try {
      OptionalDouble metric =
          evaluates ? listener.evaluate(model, step, epochs.epoch(step)) : OptionalDouble.empty();
      if (metric.isEmpty()) {
        answers.require(model);
      }
      return metric;
    } catch (ModelException e) {
      throw new IOException(
          "the model after step %s has no answers, so it is not saved (%s): begin again with a lower --learning-rate"
              .formatted(step, e.getMessage()),
          e);
    }
  }

  /** What this run began with is read again for each checkpoint, so until the end it stays. */
  private void prune(Set<Long> needed) throws IOException {
    Set<Long> wanted = new HashSet<>(needed);
    wanted.addAll(List.of(0L, state.step(), state.bestStep()));
    checkpoints.prune(wanted, arguments.checkpoints.saveTotalLimit);
  }

  /** Counts the time since the last call. */
  private void tick(boolean evaluated) {
    long now = System.nanoTime();
    long used = cpuNanos();
    double seconds = (now - clock) / 1e9;
    state =
        state.withDuration(
            state
                .duration()
                .plus(evaluated ? 0 : seconds, evaluated ? seconds : 0, (used - cpu) / 1e9));
    clock = now;
    cpu = used;
    mean.pause();
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
