package org.semlux.training.cli;

import org.semlux.encoders.batch.Workers;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** On how many threads a process computes, beside whatever else runs on its machine. */
final class ThreadOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  /** Told before anything computes: what is parsed then is a command. */
  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that compute, each with texts of its own in memory (default: one a core). A seed"
              + " repeats a training by as many.")
  void set(int threads) {
    new GivenOptions(command).require(threads >= 1, "--threads starts at 1");
    Workers.setShared(threads);
    // Of parallel streams, beside the thread that asks.
    System.setProperty(
        "java.util.concurrent.ForkJoinPool.common.parallelism", String.valueOf(threads - 1));
  }
}
