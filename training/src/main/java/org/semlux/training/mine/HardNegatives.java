package org.semlux.training.mine;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Takes the negatives of a query out of its candidates, as sentence-transformers does.
 *
 * {@snippet lang=java :
 * List<String> corpus = List.of("A man plays.", "It rains.");
 * MiningData data = new MiningData(List.of("Who plays?"), List.of(List.of(0)), corpus, 1);
 * MiningArguments arguments = new MiningArguments();
 * arguments.relativeMargin = .05;
 * HardNegatives negatives = new HardNegatives(arguments, data, false);
 * Candidates found = new Candidates(new int[] {0, 1}, new float[] {.9f, .5f}, new float[] {.9f});
 * negatives.of(0, found).documents(); // {1}: no positive, and below .95 of its score
 * }
 */
public final class HardNegatives {
  private final MiningArguments arguments;
  private final MiningData data;
  private final boolean rescored;
  private final Map<String, Long> leftOut = new LinkedHashMap<>();

  /**
   * @param rescored whether a cross-encoder made the scores
   */
  public HardNegatives(MiningArguments arguments, MiningData data, boolean rescored) {
    this.arguments = arguments;
    this.data = data;
    this.rescored = rescored;
  }

  /**
   * The negatives of a query.
   *
   * @param documents places in the corpus, the hardest first
   * @param scores of each
   */
  public record Mined(int[] documents, float[] scores) {}

  /** At most as many as are asked for; fewer where there are no more. */
  public Mined of(int query, Candidates found) {
    List<Integer> positives = data.positives().get(query);
    float worst =
        (float)
            IntStream.range(0, found.positives().length)
                .mapToDouble(i -> found.positives()[i])
                .min()
                .orElseThrow();
    int[] kept =
        IntStream.range(0, found.documents().length)
            .filter(i -> !positives.contains(found.documents()[i]))
            .filter(i -> isTaken(found.scores()[i], worst))
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> found.scores()[i]).reversed())
            .skip(arguments.rangeMin)
            .limit(
                Math.min(
                    arguments.numNegatives,
                    arguments.nearest(data.mostRows(), rescored) - arguments.rangeMin))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] scores = new float[kept.length];
    for (int i = 0; i < kept.length; i++) {
      scores[i] = found.scores()[kept[i]];
    }
    return new Mined(Arrays.stream(kept).map(i -> found.documents()[i]).toArray(), scores);
  }

  /** How many candidates each option has left out so far, of those that have. */
  public Map<String, Long> leftOut() {
    return Collections.unmodifiableMap(leftOut);
  }

  private boolean isTaken(float score, float worst) {
    Optional<String> by = reason(score, worst);
    by.ifPresent(option -> leftOut.merge(option, 1L, Long::sum));
    return by.isEmpty();
  }

  private Optional<String> reason(float score, float worst) {
    if (arguments.absoluteMargin != null && !(score + arguments.absoluteMargin <= worst)) {
      return Optional.of("--absolute-margin");
    }
    if (arguments.relativeMargin != null
        && !(score <= worst - Math.abs(worst) * arguments.relativeMargin)) {
      return Optional.of("--relative-margin");
    }
    if (arguments.maxScore != null && !(score <= arguments.maxScore)) {
      return Optional.of("--max-score");
    }
    return arguments.minScore != null && !(score >= arguments.minScore)
        ? Optional.of("--min-score")
        : Optional.empty();
  }
}
