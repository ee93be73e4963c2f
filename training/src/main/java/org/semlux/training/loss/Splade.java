package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.ProgramText;

/** A loss, and for sparse answers what they cost (see the fragment {@code splade}). */
final class Splade extends LossAround {
  Splade(Loss loss) {
    super(EncoderKind.SPARSE, "SpladeLoss", loss);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = super.parameters();
    String name = inside.reference();
    parameters.put("loss", name.startsWith("Sparse") ? name : "Sparse" + name);
    return parameters;
  }

  @Override
  public List<String> parts() {
    return List.of("base_loss", "document_regularizer_loss", "query_regularizer_loss");
  }

  @Override
  public void addTo(ProgramText text) {
    inside.addBaseTo(text);
    add("splade", Map.of(), text);
  }
}
