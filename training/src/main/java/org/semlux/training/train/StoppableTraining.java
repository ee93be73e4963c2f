package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.semlux.training.run.Progress;

/**
 * A training that runs until its end or Ctrl-C, after which a checkpoint is saved before the
 * process ends, however long the step at hand takes: nobody but SIGKILL ends it sooner.
 *
 * @param err is told where it stopped
 */
public record StoppableTraining(Trainer trainer, PrintWriter err) {
  /** A run, from its first step to what it says at its end. */
  private static final class Run {
    final CountDownLatch ended = new CountDownLatch(1);
    volatile boolean stopped;
  }

  private static final AtomicReference<Run> AT_HAND = new AtomicReference<>();

  /**
   * For the end of the process: waits for a run's checkpoint, if there is a run.
   *
   * @return whether one was stopped, so that whoever runs it gets it back now
   */
  public static boolean awaitCheckpoint() throws InterruptedException {
    Run run = AT_HAND.get();
    if (run == null) {
      return false;
    }
    run.ended.await();
    return run.stopped;
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
    Run run = new Run();
    Thread hook = new Thread(() -> stop(run), "semlux-train-stop");
    boolean finished = false;
    try {
      AT_HAND.set(run);
      Runtime.getRuntime().addShutdownHook(hook); // refused when the process is going down
      Trainer.Outcome outcome = trainer.run(files, fingerprint);
      finished = outcome.finished();
      done.run();
      if (!finished) { // said before the process may end
        err.printf(
            Locale.ROOT,
            "Stopped after step %,d: train goes on with --resume, adapt when it is started again%n",
            outcome.steps());
        err.flush();
      }
      return outcome;
    } finally {
      run.stopped = !finished;
      run.ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is going down already.
      }
    }
  }

  private void stop(Run run) {
    trainer.stop();
    Progress.leaveBar(err);
    err.println(
        "Stopping when the step at hand is done and a checkpoint saved: kill -9 "
            + ProcessHandle.current().pid()
            + " does not wait for them, and the next run goes on from the newest checkpoint there is");
    err.flush();
    try {
      run.ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
