package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.WeightReader;
import org.semlux.training.train.TrainedWeights.Part;

/**
 * Two narrow matrices beside each of some products, which learn in their place: W = W0 + alpha /
 * rank B A (LoRA, Hu et al. 2021, https://arxiv.org/abs/2106.09685). The network computes with W,
 * whose gradient tells those of A and B; so every network can be trained so, and W alone is saved.
 */
final class LowRankAdapters {
  /** Methods of the program, beside the fragment {@code training-step}. */
  static final String METHODS =
      """

        # Gradients of A [rank, in] and B [out, rank] that the gradient of some rows of a weight [out, in] asks for
        def low_rank_gradients(self: __torch__.Program, rows: Tensor, scale: Tensor, gradient: Tensor, a: Tensor, b: Tensor) -> List[Tensor]:
          own = torch.slice(gradient, 0, int(torch.select(rows, 0, 0)), int(torch.select(rows, 0, 1)))
          scaled = torch.mul(own, scale)
          return [torch.mm(torch.t(b), scaled), torch.mm(scaled, torch.t(a))]

        # W = W0 + scale B A
        def merge(self: __torch__.Program, scale: Tensor, w: Tensor, start: Tensor, a: Tensor, b: Tensor) -> Tensor:
          return torch.copy_(w, torch.add(start, torch.mul(torch.mm(b, a), scale)))
      """;

  /** One that learns, in memory that Java reads too. */
  private record Matrix(String name, ByteBuffer data, PtNDArray array) {
    static Matrix zero(NativeScope scope, String name, long rows, long columns) {
      ByteBuffer data =
          ByteBuffer.allocateDirect(Math.toIntExact(rows * columns * Float.BYTES))
              .order(ByteOrder.nativeOrder());
      return new Matrix(name, data, scope.array(data, DataType.FLOAT32, rows, columns));
    }

    /** As PEFT does it: He et al. 2015 for a leaky rectifier of slope sqrt(5). */
    void draw(SplittableRandom random) {
      double bound = 1 / Math.sqrt((double) array.getShape().get(1));
      for (int at = 0; at < data.capacity(); at += Float.BYTES) {
        data.putFloat(at, (float) ((2 * random.nextDouble() - 1) * bound));
      }
    }
  }

  /**
   * Beside a product.
   *
   * @param rows of the weight that the product has
   * @param w the product's own, in the network
   */
  private record Adapter(
      int weight, PtNDArray rows, PtNDArray w, PtNDArray start, Matrix a, Matrix b) {}

  private final NativeScope scope;
  private final Program program;
  private final PtNDArray scale;
  private final List<Adapter> adapters = new ArrayList<>();

  /**
   * Makes them: B is zero, A is drawn, product after product by their names.
   *
   * @param scope owns them
   * @param model that is trained, read from a checkpoint
   * @param base the same model as it was before the first step
   * @throws ModelException when no product is called as it is asked
   */
  LowRankAdapters(
      NativeScope scope, TrainableModel model, Path checkpoint, Path base, TrainingArguments asked)
      throws IOException {
    this.scope = scope;
    program = model.program();
    scale = BatchTensors.floats(scope, asked.lora.scale());
    List<Part> products = model.weights().products(model.bodies());
    check(
        base.getParent().getFileName().toString(),
        products.stream().map(Part::name).toList(),
        asked.lora);
    SplittableRandom random = new SplittableRandom(asked.seed);
    for (Part part :
        products.stream()
            .filter(one -> asked.lora.means(one.name()))
            .sorted(Comparator.comparing(part -> nameIn(checkpoint, part)))
            .toList()) {
      String name = nameIn(checkpoint, part);
      adapters.add(adapter(part, name, part.in(checkpoint, base), asked.lora.loraRank, random));
    }
  }

  /**
   * Refuses a model that no adapters can be made for, by its files' headers alone.
   *
   * @throws ModelException when it has no product, or none that is called as it is asked
   */
  static void check(ExampleReader reader, LoraArguments asked) throws IOException {
    List<String> names = new ArrayList<>();
    for (TextRoute route : reader.routes()) {
      addProducts(route, names);
    }
    check(reader.folder().name(), names, asked);
  }

  private static void addProducts(TextRoute route, List<String> names) throws IOException {
    Network network = route.network();
    TensorSource source = route.head().bodyOf(route.folder().weights(network.modules()));
    for (Parameter parameter : Parameter.in(network.parameters(), source, network.prefix())) {
      if (parameter.role() == Parameter.Role.LINEAR) {
        for (String name : parameter.names()) {
          WeightReader.stored(name, source, network.prefix())
              .map(StoredTensor::name)
              .filter(TrainedWeights::isProduct)
              .ifPresent(names::add);
        }
      }
    }
  }

  /** Two networks may call theirs alike. */
  private static String nameIn(Path checkpoint, Part part) {
    Path folder = checkpoint.relativize(part.file()).getParent();
    return folder == null ? part.name() : folder + "/" + part.name();
  }

  private static void check(String model, List<String> products, LoraArguments asked) {
    if (products.isEmpty()) {
      throw ModelException.of(model, "it has no products that LoRA can stand beside");
    }
    for (String name : asked.loraTargetModules) {
      if (products.stream().noneMatch(product -> LoraArguments.isCalled(product, name))) {
        throw ModelException.of(
            model,
            "it has no product [%s] for --lora-target-modules, it has %s"
                .formatted(
                    ModelException.brief(name),
                    products.stream().map(LoraArguments::lastName).distinct().sorted().toList()));
      }
    }
  }

  private Adapter adapter(
      Part part, String name, float[] start, int rank, SplittableRandom random) {
    int out = (int) part.shape()[0];
    int in = (int) part.shape()[1];
    int first = part.first() / in;
    Matrix a = Matrix.zero(scope, "lora_A." + name, rank, in);
    a.draw(random);
    return new Adapter(
        part.weight(),
        BatchTensors.ints(scope, new int[] {first, first + out}),
        scope.array(part.data(), DataType.FLOAT32, out, in),
        BatchTensors.floats(scope, start, out),
        a,
        Matrix.zero(scope, "lora_B." + name, out, rank));
  }

  int count() {
    return adapters.size();
  }

  /** Whether a weight has such products. */
  boolean isBeside(int weight) {
    return adapters.stream().anyMatch(adapter -> adapter.weight == weight);
  }

  /** What learns: A and B of each. */
  List<PtNDArray> arrays() {
    return adapters.stream()
        .flatMap(adapter -> List.of(adapter.a.array, adapter.b.array).stream())
        .toList();
  }

  /** Makes them part of what a checkpoint holds beside the model. */
  void keepIn(Moments moments) {
    for (Adapter adapter : adapters) {
      for (Matrix matrix : List.of(adapter.a, adapter.b)) {
        moments.keep(matrix.name, matrix.data, matrix.array.getShape().getShape());
      }
    }
  }

  /**
   * Gradients of {@link #arrays}.
   *
   * @param gradients of all weights
   * @param own owns what is returned
   */
  List<NDArray> gradients(NDList gradients, NativeScope own) {
    List<NDArray> found = new ArrayList<>();
    for (Adapter adapter : adapters) {
      NDArray whole = gradients.get(adapter.weight);
      found.addAll(call("low_rank_gradients", own, adapter.rows, scale, whole, adapter));
    }
    return found;
  }

  /** Puts one of them into the network. */
  void merge(int number) {
    try (NativeScope own = new NativeScope()) {
      Adapter adapter = adapters.get(number);
      call("merge", own, scale, adapter.w, adapter.start, adapter);
    }
  }

  private NDList call(
      String method, NativeScope own, NDArray one, NDArray two, NDArray three, Adapter adapter) {
    NDList list = new NDList();
    for (NDArray array : List.of(one, two, three, adapter.a.array, adapter.b.array)) {
      // The scale is every adapter's, and so is a weight's gradient: no thread may name them anew.
      if (array.getName() != null) {
        array.setName(null);
      }
      list.add(array);
    }
    return program.train(method, list, own);
  }
}
