package org.semlux.training.card;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a logged optimiser step came to.
 *
 * @param step of the optimiser, from 1
 * @param epoch how often the data have been seen, such as 1.25
 * @param loss the mean since the entry before
 * @param parts what the loss is the sum of, by name; empty where it has one part. None of {@link
 *     TrainingLog#KEYS} is a name
 * @param gradNorm the 2-norm of all gradients, before clipping
 * @param learningRate the one that this step used
 * @param pairsPerSecond trained since the entry before
 */
public record LogEntry(
    long step,
    double epoch,
    double loss,
    Map<String, Double> parts,
    double gradNorm,
    double learningRate,
    double pairsPerSecond) {
  public LogEntry {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    for (String name : parts.keySet()) {
      if (TrainingLog.KEYS.contains(name)) {
        throw new IllegalArgumentException("a part of the loss cannot be called [" + name + "]");
      }
    }
  }
}
