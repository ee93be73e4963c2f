package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.loss.LossArguments.Direction;
import org.semlux.training.loss.LossArguments.Similarity;

/**
 * A query's own document is to score higher than all other documents of its batch, the others'
 * negatives included: InfoNCE (van den Oord et al. 2018, https://arxiv.org/abs/1807.03748), in the
 * other directions too where they are asked for.
 */
final class MultipleNegativesRanking extends Loss {
  private final LossArguments arguments;
  private final Similarity similarity;
  private final double scale;

  private MultipleNegativesRanking(
      EncoderKind kind, String reference, LossArguments arguments, Similarity usual) {
    super(kind, reference);
    this.arguments = arguments;
    similarity = arguments.similarity == null ? usual : arguments.similarity;
    scale = LossArguments.or(arguments.scale, similarity == Similarity.COSINE ? 20 : 1);
  }

  static Loss dense(LossArguments arguments) {
    return new MultipleNegativesRanking(
        EncoderKind.DENSE, "MultipleNegativesRankingLoss", arguments, Similarity.COSINE);
  }

  static Loss sparse(LossArguments arguments) {
    return new MultipleNegativesRanking(
        EncoderKind.SPARSE, "SparseMultipleNegativesRankingLoss", arguments, Similarity.DOT);
  }

  /** By MaxSim, whose sums need no scale; of queries with documents alone. */
  static Loss multiVector(LossArguments arguments) {
    return new MultipleNegativesRanking(
        EncoderKind.MULTI_VECTOR,
        "MultiVectorMultipleNegativesRankingLoss",
        arguments,
        Similarity.MAXSIM);
  }

  @Override
  Set<String> settings() {
    return Set.of(
        LossArguments.SCALE,
        LossArguments.SIMILARITY,
        LossArguments.DIRECTIONS,
        LossArguments.PER_DIRECTION);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("scale", scale);
    parameters.put("similarity_fct", similarity.function);
    parameters.put("directions", arguments.directions.toString());
    parameters.put("partition_mode", arguments.perDirection ? "per_direction" : "joint");
    return parameters;
  }

  @Override
  public RowShape shape() {
    return new RowShape(2, RowShape.ANY, RowShape.Labels.NONE);
  }

  @Override
  List<String> fragments() {
    return List.of("similarity-" + similarity, "multiple-negatives-ranking");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of(
        "scale", scale,
        "query_to_query", bool(arguments.directions.contains(Direction.QUERY_TO_QUERY)),
        "doc_to_query", bool(arguments.directions.contains(Direction.DOC_TO_QUERY)),
        "doc_to_doc", bool(arguments.directions.contains(Direction.DOC_TO_DOC)),
        "per_direction", bool(arguments.perDirection));
  }
}
