package org.semlux.training.loss;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.semlux.encoders.api.EncoderKind;
import picocli.CommandLine.Option;

/**
 * How losses are set, in the words and with the defaults of sentence-transformers. Filled in by the
 * command line. {@link Losses} refuses a setting that a loss does not know.
 *
 * {@snippet lang=java :
 * LossArguments arguments = new LossArguments();
 * arguments.scale = 50.;
 * arguments.matryoshkaDims = List.of(384, 128);
 * Loss loss = Losses.of(EncoderKind.DENSE, Optional.of("MultipleNegativesRanking"), arguments);
 * }
 */
public final class LossArguments {
  /** What two answers are compared by. */
  public enum Similarity {
    COSINE("cos_sim"),
    DOT("dot_score"),
    /** Tokens' vectors by their best matches. */
    MAXSIM("colbert_scores");

    /** Its function in the reference. */
    final String function;

    Similarity(String function) {
      this.function = function;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How far two answers are apart. */
  public enum Distance {
    COSINE,
    EUCLIDEAN,
    MANHATTAN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is told from what among the rows of a batch: from a query's own document, or to it. */
  public enum Direction {
    QUERY_TO_DOC,
    QUERY_TO_QUERY,
    DOC_TO_QUERY,
    DOC_TO_DOC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static final String SCALE = "--scale";
  static final String SIMILARITY = "--similarity-fct";
  static final String DIRECTIONS = "--directions";
  static final String PER_DIRECTION = "--per-direction";
  static final String DISTANCE = "--distance-metric";
  static final String MARGIN = "--margin";
  static final String TEMPERATURE = "--temperature";
  static final String NDCG_K = "--ndcg-k";
  static final String MATRYOSHKA_DIMS = "--matryoshka-dims";
  static final String MATRYOSHKA_WEIGHTS = "--matryoshka-weights";

  private static final List<Direction> USUAL = List.of(Direction.QUERY_TO_DOC);

  @Option(
      names = SCALE,
      paramLabel = "X",
      description =
          "Rankings' similarities are multiplied by this (default: 20, for dot products and MaxSim 1).")
  public Double scale;

  @Option(
      names = SIMILARITY,
      paramLabel = "NAME",
      description =
          "What MultipleNegativesRanking, MarginMSE and DistillKLDiv compare by:"
              + " ${COMPLETION-CANDIDATES} (default: cosine for the first, but for sparse encoders"
              + " and the others dot; multi-vector encoders know maxsim alone).")
  public Similarity similarity;

  @Option(
      names = DIRECTIONS,
      split = ",",
      paramLabel = "D",
      description =
          "MultipleNegativesRanking: ${COMPLETION-CANDIDATES}, the first always (default: it"
              + " alone). With doc_to_query and --per-direction it is the symmetric loss.")
  public List<Direction> directions = USUAL;

  @Option(
      names = PER_DIRECTION,
      description =
          "MultipleNegativesRanking: the mean of a softmax for each direction, in place of one over"
              + " all of them.")
  public boolean perDirection;

  @Option(
      names = DISTANCE,
      paramLabel = "NAME",
      description =
          "Triplet, Contrastive and OnlineContrastive: ${COMPLETION-CANDIDATES} (default: euclidean"
              + " for the first, cosine for the others).")
  public Distance distance;

  @Option(
      names = MARGIN,
      paramLabel = "X",
      description =
          "How far apart is far enough: Triplet's (default: 5), Contrastive's and"
              + " OnlineContrastive's (default: 0.5).")
  public Double margin;

  @Option(
      names = TEMPERATURE,
      paramLabel = "X",
      description =
          "DistillKLDiv: both sides' scores are divided by this (default: 1, for sparse encoders"
              + " 2).")
  public Double temperature;

  @Option(
      names = NDCG_K,
      paramLabel = "N",
      description = "Lambda and RankNet: pairs with one of the first N count (default: all).")
  public Integer k;

  @Option(
      names = MATRYOSHKA_DIMS,
      split = ",",
      paramLabel = "N",
      description =
          "Bi-encoders: learn with the first N numbers of vectors; name all that are wanted, all of a"
              + " vector's too, or whole vectors are not trained.")
  public List<Integer> matryoshkaDims = List.of();

  @Option(
      names = MATRYOSHKA_WEIGHTS,
      split = ",",
      paramLabel = "X",
      description = "What each of those counts (default: 1).")
  public List<Double> matryoshkaWeights = List.of();

  /**
   * Refuses what makes no sense.
   *
   * @param kind of encoder that is trained
   * @throws IllegalArgumentException naming the option
   */
  public void check(EncoderKind kind) {
    boolean tokens = kind == EncoderKind.MULTI_VECTOR;
    if (similarity != null && tokens != (similarity == Similarity.MAXSIM)) {
      throw new IllegalArgumentException(
          "--similarity-fct %s: maxsim compares multi-vector encoders' answers, and nothing else does"
              .formatted(similarity));
    }
    require(!tokens || directions.size() == 1, DIRECTIONS, directions);
    require(!tokens || !perDirection, PER_DIRECTION, "of a multi-vector encoder");
    require(scale == null || (scale > 0 && Double.isFinite(scale)), SCALE, scale);
    require(margin == null || (margin >= 0 && Double.isFinite(margin)), MARGIN, margin);
    require(
        temperature == null || (temperature > 0 && Double.isFinite(temperature * temperature)),
        TEMPERATURE,
        temperature);
    require(k == null || k > 0, NDCG_K, k);
    require(directions.contains(Direction.QUERY_TO_DOC), DIRECTIONS, directions);
    require(
        !perDirection
            || !(directions.contains(Direction.QUERY_TO_QUERY)
                || directions.contains(Direction.DOC_TO_DOC)),
        "--per-direction with --directions",
        directions);
    require(
        matryoshkaDims.stream().allMatch(dimensions -> dimensions > 0)
            && matryoshkaDims.stream().distinct().count() == matryoshkaDims.size(),
        MATRYOSHKA_DIMS,
        matryoshkaDims);
    require(
        matryoshkaWeights.stream().allMatch(weight -> weight >= 0 && Double.isFinite(weight))
            && (matryoshkaWeights.isEmpty()
                || matryoshkaWeights.stream().anyMatch(weight -> weight > 0)),
        MATRYOSHKA_WEIGHTS,
        matryoshkaWeights);
    if (!matryoshkaWeights.isEmpty() && matryoshkaWeights.size() != matryoshkaDims.size()) {
      throw new IllegalArgumentException(
          "%s %s are not one for each of %s %s"
              .formatted(MATRYOSHKA_WEIGHTS, matryoshkaWeights, MATRYOSHKA_DIMS, matryoshkaDims));
    }
  }

  /** The options that were given. */
  Set<String> given() {
    Map<String, Boolean> all = new TreeMap<>();
    all.put(SCALE, scale != null);
    all.put(SIMILARITY, similarity != null);
    all.put(DIRECTIONS, !directions.equals(USUAL));
    all.put(PER_DIRECTION, perDirection);
    all.put(DISTANCE, distance != null);
    all.put(MARGIN, margin != null);
    all.put(TEMPERATURE, temperature != null);
    all.put(NDCG_K, k != null);
    all.put(MATRYOSHKA_DIMS, !matryoshkaDims.isEmpty());
    all.put(MATRYOSHKA_WEIGHTS, !matryoshkaWeights.isEmpty());
    all.values().removeIf(given -> !given);
    return all.keySet();
  }

  private static void require(boolean sensible, String option, Object value) {
    if (!sensible) {
      throw new IllegalArgumentException(option + " " + value + " makes no sense");
    }
  }

  static double or(Double given, double otherwise) {
    return given == null ? otherwise : given;
  }
}
