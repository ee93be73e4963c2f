package org.semlux.encoders.network;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * What makes one vector of a text's token states: the folder's {@link PooledModules}, cut to {@code
 * truncate_dim}. The program method is {@code encode(tokens [3, tokens], sequences [3, sequences],
 * groups, w) -> [sequences, dimensions]}.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * DenseHead head = DenseHead.of(folder, Networks.of(folder)); // reads no weights yet
 * head.dimensions(); // 384
 * head.pooling().modes(); // [mean]
 * }
 */
public final class DenseHead implements Head {
  private static final String ENCODE =
      """
        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          return torch.slice((self).vectors(tokens, sequences, groups, w), 1, 0, %s)
      """;

  private final PooledModules modules;
  private final int dimensions;

  private DenseHead(ModelFolder folder, Network network) throws IOException {
    modules = PooledModules.of(folder, network);
    if (!modules.output().equals(RowModules.EMBEDDING)) {
      throw ModelException.of(
          folder.name(), "its last module gives " + modules.output() + ", not an embedding");
    }
    int truncated = folder.settings().getInt("truncate_dim", modules.width());
    dimensions = Math.min(truncated, modules.width());
    if (dimensions <= 0) {
      throw ModelException.of(folder.name(), "truncate_dim is " + truncated);
    }
  }

  /** Reads the modules after the network. */
  public static DenseHead of(ModelFolder folder, Network network) throws IOException {
    return new DenseHead(folder, network);
  }

  /**
   * Refuses a folder whose routes, see {@link Router}, give vectors that cannot be compared.
   *
   * @throws ModelException when their vectors are of different lengths
   */
  public static void requireOneLength(ModelFolder folder) throws IOException {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (Map.Entry<String, ModelFolder> route : Router.of(folder).routes().entrySet()) {
      ModelFolder modules = route.getValue();
      lengths.put(route.getKey(), of(modules, Networks.of(modules)).dimensions());
    }
    if (Set.copyOf(lengths.values()).size() > 1) {
      throw ModelException.of(
          folder.name(),
          "its router's vectors are not of one length: "
              + ModelException.brief(lengths.toString()));
    }
  }

  /** Numbers in a vector. */
  public int dimensions() {
    return dimensions;
  }

  /** Numbers in a vector that is trained: {@code truncate_dim} does not cut it. */
  public int width() {
    return modules.width();
  }

  public Pooling pooling() {
    return modules.pooling();
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    modules.addTo(text, firstWeight);
    text.append(ENCODE.formatted(dimensions));
  }

  /** All dimensions, as in the reference: {@code truncate_dim} is for those who use a model. */
  @Override
  public void addTrainedTo(ProgramText text, int firstWeight, Precision precision) {
    modules.addTo(text, firstWeight);
    text.append(ENCODE.formatted(modules.width()));
  }

  @Override
  public void addTo(WeightList weights) throws IOException {
    modules.addTo(weights);
  }
}
