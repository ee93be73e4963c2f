package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.card.EvaluationEntry;
import org.semlux.training.card.LogEntry;
import org.semlux.training.card.TrainingLog;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.run.ModelRun;
import org.semlux.training.run.Progress;

/**
 * What is seen of a training run: a progress bar, the log, and evaluations on the dev data.
 *
 * {@snippet lang=java :
 * Path run = Path.of("run");
 * PrintWriter err = new PrintWriter(System.err, true);
 * try (TrainingLog log = TrainingLog.create(run);
 *     TrainingProgress progress =
 *         new TrainingProgress(err, log, run, Precision.AUTO, Optional.empty())) {
 *   progress.stepped(1, 100); // shows a bar
 * }
 * }
 */
public final class TrainingProgress implements Trainer.Listener, AutoCloseable {
  private final PrintWriter err;
  private final TrainingLog log;
  private final Path output;
  private final Precision precision;
  private final Optional<PairFile> dev;
  private Progress bar;

  /**
   * @param output evaluations write their CSV files below it
   * @param precision that evaluations compute in
   */
  public TrainingProgress(
      PrintWriter err, TrainingLog log, Path output, Precision precision, Optional<PairFile> dev) {
    this.err = err;
    this.log = log;
    this.output = output;
    this.precision = precision;
    this.dev = dev;
  }

  @Override
  public void stepped(long step, long total) {
    if (bar == null) {
      bar = new Progress(err, "Training", Progress.Unit.STEPS, total);
    }
    bar.stepTo(step);
  }

  @Override
  public void profiled(StepProfile profile) {
    done();
    err.print(profile);
    err.flush();
  }

  @Override
  public void logged(LogEntry entry) throws IOException {
    log.append(entry);
    if (bar != null) {
      bar.say(String.format(Locale.ROOT, "loss %.4f", entry.loss()));
    }
  }

  @Override
  public OptionalDouble evaluate(Path checkpoint, long step, double epoch) throws IOException {
    if (dev.isEmpty()) {
      return OptionalDouble.empty();
    }
    done(); // two bars do not share a terminal
    EncoderOptions options = EncoderOptions.defaults().withPrecision(precision);
    PairEvaluation evaluation =
        new PairEvaluation(
            new ModelRun(checkpoint, options, err), dev.get().name(), Optional.of(output));
    PairEvaluation.Judged judged = evaluation.at(epoch, step).judge(dev.get().pairs());
    log.append(new EvaluationEntry(step, epoch, judged.evaluator(), judged.metrics()));
    double metric = judged.metrics().get(judged.primaryMetric());
    err.printf(Locale.ROOT, "Step %,d: %s %.4f%n", step, judged.primaryMetric(), metric);
    err.flush();
    return OptionalDouble.of(metric);
  }

  /** Ends the bar; another begins with the next step. */
  public void done() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    done();
  }
}
