package org.semlux.training.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.training.card.LogEntry;

/** What the steps since the last log entry came to. */
final class LossMean {
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
