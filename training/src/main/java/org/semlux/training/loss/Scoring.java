package org.semlux.training.loss;

import java.util.List;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.loss.LossArguments.Similarity;

/**
 * How the documents of a row are scored against its query: by what a cross-encoder says before its
 * last activation, or by a similarity of two answers.
 */
record Scoring(EncoderKind kind, Similarity similarity) {
  static Scoring of(EncoderKind kind, LossArguments arguments) {
    Similarity usual = kind == EncoderKind.MULTI_VECTOR ? Similarity.MAXSIM : Similarity.DOT;
    return new Scoring(kind, arguments.similarity == null ? usual : arguments.similarity);
  }

  /** A loss's class in the reference, by the one that dense encoders have. */
  static String reference(EncoderKind kind, String dense) {
    return switch (kind) {
      case DENSE, CROSS -> dense;
      case SPARSE -> "Sparse" + dense;
      case MULTI_VECTOR -> "MultiVector" + dense;
    };
  }

  /** Those that hold {@code scores(answers, labels) -> [rows, documents]}. */
  List<String> fragments() {
    return kind == EncoderKind.CROSS
        ? List.of("scores-of-pairs")
        : List.of("similarity-" + similarity, "scores-of-texts");
  }

  Set<String> settings() {
    return kind == EncoderKind.CROSS ? Set.of() : Set.of(LossArguments.SIMILARITY);
  }

  String parameter() {
    return kind == EncoderKind.CROSS ? "activation_fn" : "similarity_fct";
  }

  /**
   * The parameter's value.
   *
   * @param ofTokens the reference's function for multi-vector encoders
   */
  String value(String ofTokens) {
    return switch (similarity) {
      case MAXSIM -> ofTokens;
      case COSINE -> "pairwise_cos_sim";
      case DOT ->
          kind == EncoderKind.CROSS ? "torch.nn.modules.linear.Identity" : "pairwise_dot_score";
    };
  }
}
