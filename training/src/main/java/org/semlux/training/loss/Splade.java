package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.data.TrainingRow;

/** A loss, and for sparse answers what they cost (see the fragment {@code splade}). */
final class Splade extends Loss {
  private final Loss loss;

  Splade(Loss loss) {
    super(EncoderKind.SPARSE, "SpladeLoss");
    this.loss = loss;
  }

  /** Those of the one inside, and its name. */
  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    String inside = loss.reference();
    parameters.put("loss", inside.startsWith("Sparse") ? inside : "Sparse" + inside);
    return parameters;
  }

  @Override
  public List<String> parts() {
    return List.of("base_loss", "document_regularizer_loss", "query_regularizer_loss");
  }

  @Override
  public RowShape shape() {
    return loss.shape();
  }

  @Override
  public void check(List<TrainingRow> rows) {
    loss.check(rows);
  }

  @Override
  List<String> fragments() {
    return loss.fragments();
  }

  @Override
  Map<String, ?> constants() {
    return loss.constants();
  }

  @Override
  public void addTo(ProgramText text) {
    loss.addBaseTo(text);
    add("splade", Map.of(), text);
  }
}
