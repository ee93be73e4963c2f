package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderKind;

/**
 * How much better a positive scores than a negative is to be what it is to a teacher (Hofstätter et
 * al. 2021, https://arxiv.org/abs/2010.02666).
 */
final class MarginMse extends Loss {
  private final Scoring scoring;

  MarginMse(EncoderKind kind, LossArguments arguments) {
    super(kind, Scoring.reference(kind, "MarginMSELoss"));
    scoring = Scoring.of(kind, arguments);
  }

  @Override
  Set<String> settings() {
    return scoring.settings();
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of(scoring.parameter(), scoring.value("colbert_scores_pairwise"));
  }

  @Override
  public RowShape shape() {
    return new RowShape(3, RowShape.ANY, RowShape.Labels.MARGINS);
  }

  @Override
  List<String> fragments() {
    return Stream.concat(scoring.fragments().stream(), Stream.of("margin-mse")).toList();
  }
}
