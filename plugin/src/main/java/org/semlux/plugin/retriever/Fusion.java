package org.semlux.plugin.retriever;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.search.ScoreDoc;
import org.semlux.encoders.api.Excerpt;

/** What a place in one retriever's list adds to a document's fused score. */
sealed interface Fusion permits Fusion.ReciprocalRank, Fusion.Linear {
  /**
   * The parts that a list gives its documents, in their order; 0 or more each.
   *
   * @param list best first
   */
  double[] parts(ScoreDoc[] list);

  /**
   * Reciprocal rank fusion: 1 / (constant + rank) (Cormack, Clarke and Büttcher, SIGIR 2009).
   * Scores are not looked at.
   *
   * @param constant 1 or more; the larger, the less the first places stand out
   */
  record ReciprocalRank(int constant) implements Fusion {
    public ReciprocalRank {
      if (constant < 1) {
        throw new IllegalArgumentException("[rank_constant] must be 1 or more, not " + constant);
      }
    }

    @Override
    public double[] parts(ScoreDoc[] list) {
      double[] parts = new double[list.length];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = 1.0 / (constant + i + 1);
      }
      return parts;
    }
  }

  /** A list's scores, brought to a common scale. */
  record Linear(Normalizer normalizer) implements Fusion {
    @Override
    public double[] parts(ScoreDoc[] list) {
      double[] scores = new double[list.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = list[i].score;
        if (Double.isNaN(scores[i])) {
          throw new IllegalArgumentException(
              "method [linear] needs scores, and a retriever that sorts by fields gives none: take"
                  + " [rrf]");
        }
      }
      return normalizer.normalize(scores);
    }
  }

  /** How scores of one list come to a common scale. */
  enum Normalizer {
    /** From 0 for the lowest of the list to 1 for the highest; 1 where all are equal. */
    MINMAX {
      @Override
      double[] normalize(double[] scores) {
        double low = Arrays.stream(scores).min().orElse(0);
        double high = Arrays.stream(scores).max().orElse(0);
        if (Ranking.areTies(low, high, scores.length)) {
          Arrays.fill(scores, 1); // floats next to each other may lie far apart
          return scores;
        }
        return scale(scores, low, high - low);
      }
    },
    /** Divided by the square root of the sum of their squares. */
    L2 {
      @Override
      double[] normalize(double[] scores) {
        double squares = Arrays.stream(scores).map(s -> s * s).sum();
        return scale(scores, 0, squares > 0 ? Math.sqrt(squares) : 1);
      }
    },
    /** As they are. */
    NONE {
      @Override
      double[] normalize(double[] scores) {
        return scores;
      }
    };

    private static final Map<String, Normalizer> BY_NAME =
        Map.of("minmax", MINMAX, "l2", L2, "none", NONE);

    /** Owned by the caller; {@code scores} may be changed. */
    abstract double[] normalize(double[] scores);

    private static double[] scale(double[] scores, double low, double range) {
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (scores[i] - low) / range;
      }
      return scores;
    }

    static Normalizer of(String name) {
      Normalizer found = BY_NAME.get(name);
      if (found == null) {
        throw new IllegalArgumentException(
            "[normalizer] must be minmax, l2 or none, not [" + Excerpt.of(name) + "]");
      }
      return found;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
