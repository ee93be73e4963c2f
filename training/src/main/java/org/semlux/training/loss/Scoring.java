package org.semlux.training.loss;

import java.util.List;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.loss.LossArguments.Similarity;

/**
 * How the documents of a row are scored against its query: by what a cross-encoder says before its
 * last activation, or by a similarity of two answers.
 */
record Scoring(EncoderKind kind, Similarity similarity) {
  static Scoring of(EncoderKind kind, LossArguments arguments) {
    return new Scoring(kind, arguments.similarity == null ? Similarity.DOT : arguments.similarity);
  }

  /** Those that hold {@code scores(answers, labels) -> [rows, documents]}. */
  List<String> fragments() {
    return kind == EncoderKind.CROSS
        ? List.of("scores-of-pairs")
        : List.of("similarity-" + similarity, "scores-of-texts");
  }

  String parameter() {
    return kind == EncoderKind.CROSS ? "activation_fn" : "similarity_fct";
  }

  String value() {
    return kind == EncoderKind.CROSS
        ? "torch.nn.modules.linear.Identity"
        : similarity == Similarity.DOT ? "pairwise_dot_score" : "pairwise_cos_sim";
  }
}
