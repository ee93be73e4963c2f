package org.semlux.training.loss;

import static java.util.stream.Collectors.toSet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderKind;

/**
 * The softmax over a query's documents is to be a teacher's: their Kullback-Leibler divergence (Lin
 * et al. 2020, https://arxiv.org/abs/2010.11386).
 */
final class DistillKlDiv extends Loss {
  private final Scoring scoring;
  private final double temperature;

  DistillKlDiv(EncoderKind kind, LossArguments arguments) {
    super(kind, Scoring.reference(kind, "DistillKLDivLoss"));
    scoring = Scoring.of(kind, arguments);
    temperature = LossArguments.or(arguments.temperature, kind == EncoderKind.SPARSE ? 2 : 1);
  }

  @Override
  Set<String> settings() {
    return Stream.concat(scoring.settings().stream(), Stream.of(LossArguments.TEMPERATURE))
        .collect(toSet());
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put(scoring.parameter(), scoring.value("colbert_kd_scores"));
    parameters.put("temperature", temperature);
    return parameters;
  }

  @Override
  public RowShape shape() {
    return new RowShape(3, RowShape.ANY, RowShape.Labels.EACH);
  }

  @Override
  List<String> fragments() {
    return Stream.concat(scoring.fragments().stream(), Stream.of("distill-kl-div")).toList();
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("temperature", temperature, "squared_temperature", temperature * temperature);
  }
}
