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
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * What makes a vector of every token's state: the folder's {@link RowModules}. Which tokens count
 * is not its matter. The program method is {@code encode(tokens [3, tokens], sequences [3,
 * sequences], groups, w) -> [tokens, dimensions]}; the one that trains gives a row a text, see
 * {@link #TRAINED}.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("colbert"));
 * MultiVectorHead head = MultiVectorHead.of(folder, Networks.of(folder)); // reads no weights yet
 * head.dimensions(); // 128
 * }
 */
public final class MultiVectorHead implements Head {
  private static final String VECTORS =
      """
        def vectors(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          whole = (self).plan(torch.select(sequences, 0, 0), groups)
          plan = ${plan}
          states = torch.to((self).body(tokens, groups, plan, w), ${float32})
          x = (self).fill(states)
      """;

  private static final String SERVED =
      """

        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          return (self).vectors(tokens, sequences, groups, w)
      """;

  /**
   * For losses: {@code [sequences, longest * (dimensions + 2)]}. Behind each token's vector stands
   * whether it counts in a query, and in a document, as a method {@code counts(tokens, sequences)
   * -> [tokens, 2]} says; where a text has no more tokens all is 0.
   */
  private static final String TRAINED =
      """

        def token_width(self: __torch__.Program) -> int:
          return ${dimensions}

        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          vectors = (self).vectors(tokens, sequences, groups, w)
          marked = torch.cat([vectors, (self).counts(tokens, sequences)], 1)
          length = torch.to(torch.unsqueeze(torch.select(sequences, 0, 0), 1), ${int64})
          place = torch.unsqueeze(torch.arange(int(torch.max(length))), 0)  # [1, longest]
          last = torch.sub(length, 1)
          row = torch.add(torch.sub(torch.cumsum(length, 0), length), torch.minimum(place, last))
          rows = torch.index_select(marked, 0, torch.reshape(row, [-1]))
          inside = torch.to(torch.reshape(torch.le(place, last), [-1, 1]), ${float32})
          return torch.reshape(torch.mul(rows, inside), [torch.size(length, 0), -1])
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
                + "] is not supported in a multi-vector model, supported are Dense, Normalize and"
                + " MultiVectorMask");
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
    Module network = folder.modules().get(0);
    StoredTensor stored =
        folder
            .weights(network)
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
    rows.addProjection(network, (int) stored.shape()[0]);
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
    addVectors(text, firstWeight);
    text.append(SERVED, Map.of());
  }

  @Override
  public void addTrainedTo(ProgramText text, int firstWeight, Precision precision) {
    addVectors(text, firstWeight);
    text.append(TRAINED, Map.of("dimensions", rows.width()));
  }

  private void addVectors(ProgramText text, int firstWeight) {
    text.add("normalize", Map.of());
    if (hides) {
      text.add("unseen", Map.of());
    }
    text.append(
        VECTORS
            + rows.lines(firstWeight)
            + "    return torch.slice(x, 0, 0, torch.size(states, 0))\n",
        Map.of("plan", hides ? "(self).hide_unseen(sequences, groups, whole)" : "whole"));
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    rows.addTo(weights);
  }
}
