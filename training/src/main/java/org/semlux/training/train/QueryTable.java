package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LookupRoute;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * Queries without a network (module {@code SparseStaticEmbedding}): the weight of each token that a
 * query holds is looked up, and learnt with the network that answers for documents (Geng et al.
 * 2024, https://arxiv.org/abs/2411.04403). The owner of the tokenizer.
 *
 * @param folder the queries' route
 * @param terms weights in the table
 * @param frozen whether it stays as it is
 */
record QueryTable(ModelFolder folder, Tokenizer tokenizer, int terms, boolean frozen)
    implements AutoCloseable {
  private static final String WEIGHT = "weight";

  /** What trains it; see the fragment {@code training-step} for the rest of a step. */
  static final String METHODS =
      """

        # What of the table [terms] the queries hold [queries, terms]
        def look_up(self: __torch__.Program, held: Tensor, table: Tensor) -> Tensor:
          return torch.mul(torch.detach(table), held)

        # Adds the table's gradient to a sum
        def add_looked_up(self: __torch__.Program, held: Tensor, gradient: Tensor, sum: Tensor) -> Tensor:
          return torch.add_(sum, torch.sum(torch.mul(gradient, held), [0]))
      """;

  /** Whether a route is such a table. */
  static boolean isIn(ModelFolder route) {
    return route.modules().get(0).type().equals("SparseStaticEmbedding");
  }

  /**
   * Reads all but the weights.
   *
   * @throws ModelException when they lie in a JSON file
   */
  static QueryTable of(ModelFolder route) throws IOException {
    JsonFile config = route.modules().get(0).config("config.json");
    if (config.has("path")) {
      throw ModelException.of(
          route.name(),
          "its query weights lie in a JSON file, which training does not write: load and save it"
              + " with sentence-transformers 5 or later first");
    }
    LookupRoute read = LookupRoute.load(route);
    return new QueryTable(
        route, read.tokenizer(), read.weights().length, config.getBoolean("frozen", false));
  }

  /** Reads the weights behind those that there are. */
  void addTo(WeightList weights) throws IOException {
    ModelFolder.Module module = folder.modules().get(0);
    weights.add(List.of(Parameter.plain(WEIGHT, terms)), folder.weights(module), "");
  }

  /** Which tokens each query holds: 1, and 0 for all others, {@code [queries, terms]}. */
  PtNDArray held(List<Tokens> queries, NativeScope scope) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(
                Math.multiplyExact(Math.multiplyExact(queries.size(), terms), Float.BYTES))
            .order(ByteOrder.nativeOrder());
    for (int query = 0; query < queries.size(); query++) {
      for (int id : queries.get(query).ids()) {
        data.putFloat((query * terms + id) * Float.BYTES, 1);
      }
    }
    return scope.array(data, DataType.FLOAT32, queries.size(), terms);
  }

  /** The queries' answers. */
  static NDArray lookUp(Program program, NDArray held, NDArray table, NativeScope scope) {
    NDList list = new NDList(BatchTensors.named("", held), BatchTensors.named("", table));
    return program.train("look_up", list, scope).get(0);
  }

  /** Adds what the answers' gradient says of the table. */
  void addGradient(Program program, NDArray held, NDArray gradient, NDArray sum) {
    if (!frozen) {
      try (NativeScope own = new NativeScope()) {
        NDList list = new NDList();
        List.of(held, gradient, sum).forEach(array -> list.add(BatchTensors.named("", array)));
        program.train("add_looked_up", list, own);
      }
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
