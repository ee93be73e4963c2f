package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A training that runs until its end or Ctrl-C, after which a checkpoint is saved before the
 * process ends.
 *
 * @param err is told where it stopped
 */
public record StoppableTraining(Trainer trainer, PrintWriter err) {
  /** Enough for the step at hand and a checkpoint of some gigabytes. */
  private static final long SAVING_SECONDS = 120;

  /** Of the run at hand; open where there is none. */
  private static final AtomicReference<CountDownLatch> SAVED =
      new AtomicReference<>(new CountDownLatch(0));

  /** For the end of the process: waits for a run's checkpoint, if there is a run. */
  public static void awaitCheckpoint() throws InterruptedException {
    boolean unused = SAVED.get().await(SAVING_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Runs it.
   *
   * @param files what is learnt from
   * @param fingerprint of data and settings
   * @param done what is left to say once the last step is over
   */
  Trainer.Outcome run(List<TrainingFile> files, String fingerprint, Runnable done)
      throws IOException {
    CountDownLatch saved = new CountDownLatch(1);
    SAVED.set(saved);
    Thread hook = new Thread(() -> stop(saved), "semlux-train-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Trainer.Outcome outcome = trainer.run(files, fingerprint);
      done.run();
      if (!outcome.finished()) { // said before the process may end
        err.printf(
            Locale.ROOT,
            "Stopped after step %,d: train goes on with --resume, adapt when it is started again%n",
            outcome.steps());
        err.flush();
      }
      return outcome;
    } finally {
      saved.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is going down already.
      }
    }
  }

  private void stop(CountDownLatch saved) {
    trainer.stop();
    try {
      if (!saved.await(SAVING_SECONDS, TimeUnit.SECONDS)) {
        err.println("No checkpoint was saved: the next run goes on from the newest there is");
        err.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
