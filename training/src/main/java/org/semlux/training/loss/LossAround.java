package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.TrainingRow;

/** A loss around another one, which decides what rows are and how one number comes about. */
abstract class LossAround extends Loss {
  final Loss inside;

  LossAround(EncoderKind kind, String reference, Loss inside) {
    super(kind, reference);
    this.inside = inside;
  }

  @Override
  Set<String> settings() {
    return inside.settings();
  }

  /** The name of the one inside, and its settings. */
  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("loss", inside.reference());
    parameters.putAll(inside.parameters());
    return parameters;
  }

  @Override
  public final RowShape shape() {
    return inside.shape();
  }

  @Override
  public final boolean ranks() {
    return inside.ranks();
  }

  @Override
  public final void check(List<TrainingRow> rows) {
    inside.check(rows);
  }

  @Override
  final List<String> fragments() {
    return inside.fragments();
  }

  @Override
  final Map<String, ?> constants() {
    return inside.constants();
  }
}
