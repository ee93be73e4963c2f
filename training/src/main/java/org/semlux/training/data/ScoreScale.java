package org.semlux.training.data;

import java.util.List;

/**
 * Brings scores into the range that losses work in, 0 to 1.
 *
 * {@snippet lang=java :
 * List<ScoredPair> pairs = List.of(new ScoredPair("A man plays.", "A man is playing.", 4));
 * ScoreScale scale = ScoreScale.of(pairs, ScoreScale.DEFAULT); // by 5, since 4 is above 1
 * scale.apply(pairs).get(0).score(); // .8
 * }
 *
 * @param divisor what every score is divided by
 */
public record ScoreScale(double divisor) {
  /** The scale of the STS benchmark: 0 to 5. */
  public static final double DEFAULT = 5;

  public ScoreScale {
    if (!(divisor > 0) || Double.isInfinite(divisor)) {
      throw new IllegalArgumentException("the score scale [" + divisor + "] is not above 0");
    }
  }

  /** Divides by {@code scale} if any score exceeds 1, else by 1. */
  public static ScoreScale of(List<ScoredPair> pairs, double scale) {
    return new ScoreScale(pairs.stream().anyMatch(pair -> pair.score() > 1) ? scale : 1);
  }

  /**
   * The pairs with their scores divided.
   *
   * @throws IllegalArgumentException when a score is above the scale
   */
  public List<ScoredPair> apply(List<ScoredPair> pairs) {
    return pairs.stream().map(this::apply).toList();
  }

  private ScoredPair apply(ScoredPair pair) {
    if (pair.score() > divisor) {
      throw new IllegalArgumentException(
          "the score %s of [%s] exceeds the score scale %s: give a larger --score-scale"
              .formatted(pair.score(), pair.sentence1(), divisor));
    }
    return new ScoredPair(pair.sentence1(), pair.sentence2(), pair.score() / divisor);
  }
}
