package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * What makes a vector of every token's state: the folder's {@link RowModules}. Which tokens count
 * is not its matter. The program method is {@code encode(tokens [3, tokens], sequences [3,
 * sequences], groups, w) -> [tokens, dimensions]}. It serves, and is not trained.
 */
public final class MultiVectorHead implements Head {
  private static final String ENCODE =
      """
        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          whole = (self).plan(torch.select(sequences, 0, 0), groups)
          plan = ${plan}
          states = torch.to((self).body(tokens, groups, plan, w), ${float32})
          x = (self).fill(states)
      """;

  /** Stanford's projection. */
  private static final String PROJECTION = "linear.weight";

  private final RowModules rows;
  private final boolean hides;

  private MultiVectorHead(ModelFolder folder, Network network) throws IOException {
    if (network.pools()) {
      throw ModelException.of(folder.name(), "its network has no states of tokens");
    }
    rows = new RowModules(folder, RowModules.TOKENS, network.hidden());
    List<Module> modules = folder.modules();
    if (LateInteraction.isStanfords(folder)) {
      addProjection(folder);
    }
    for (Module module : modules.subList(network.modules(), modules.size())) {
      if (!module.type().equals("MultiVectorMask") && !rows.add(module)) {
        throw ModelException.of(
            folder.name(),
            "module ["
                + ModelException.brief(module.type())
                + "] is not supported in a multi-vector model, supported are Dense, LayerNorm,"
                + " Normalize, Dropout and MultiVectorMask");
      }
    }
    LateInteraction late = LateInteraction.of(folder);
    hides = late.expansion().filter(expansion -> !expansion.attended()).isPresent();
    if (late.normalizes()) {
      rows.addNormalize();
    }
    if (!rows.output().equals(RowModules.TOKENS)) {
      throw ModelException.of(
          folder.name(), "its last module gives " + rows.output() + ", not vectors of tokens");
    }
  }

  private void addProjection(ModelFolder folder) throws IOException {
    TensorSource source = folder.weights(folder.modules().get(0));
    StoredTensor stored =
        source
            .find(PROJECTION)
            .filter(found -> found.shape().length == 2)
            .filter(found -> found.shape()[0] > 0 && found.shape()[0] <= SizeLimits.WIDTH)
            .orElseThrow(
                () ->
                    ModelException.of(
                        folder.name(),
                        "it is a late-interaction model (ColBERT) of which the projection is missing"
                            + ", a matrix named "
                            + PROJECTION));
    rows.addProjection(source, (int) stored.shape()[0]);
  }

  /** Reads the modules after the network. */
  public static MultiVectorHead of(ModelFolder folder, Network network) throws IOException {
    return new MultiVectorHead(folder, network);
  }

  /** Numbers in a token's vector. */
  public int dimensions() {
    return rows.width();
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    text.add("normalize", Map.of());
    if (hides) {
      text.add("unseen", Map.of());
    }
    text.append(
        ENCODE
            + rows.lines(firstWeight)
            + "    return torch.slice(x, 0, 0, torch.size(states, 0))\n",
        Map.of("plan", hides ? "(self).hide_unseen(sequences, groups, whole)" : "whole"));
  }

  @Override
  public void addTo(WeightList weights) {
    rows.addTo(weights);
  }
}
