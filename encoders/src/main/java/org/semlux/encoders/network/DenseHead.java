package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * What makes one vector of a text's token states: pooling, then any {@code Dense}, {@code
 * LayerNorm} and {@code Normalize} modules in the folder's order. All of it is float32, whatever
 * the network computes in. The program method is {@code encode(tokens [3, tokens], sequences [2,
 * sequences], groups, w) -> [sequences, dimensions]}.
 */
public final class DenseHead implements Head {
  /**
   * One module after pooling.
   *
   * @param expression what becomes of {@code x}, where its first weight has the given place
   */
  private record Step(Module module, List<Parameter> parameters, IntFunction<String> expression) {}

  private final ModelFolder folder;
  private final Pooling pooling;
  private final Network network;
  private final List<Step> steps = new ArrayList<>();
  private int width;
  private final int dimensions;

  private DenseHead(ModelFolder folder, Network network) throws IOException {
    this.folder = folder;
    this.network = network;
    List<Module> modules = folder.modules();
    Pooling found = Pooling.MEAN;
    width = network.hidden();
    for (Module module : modules.subList(network.modules(), modules.size())) {
      switch (module.type()) {
        case "Pooling" -> {
          found = Pooling.of(folder.name(), module.config("config.json"));
          width = network.hidden() * found.modes().size();
        }
        case "Dense" -> addDense(module);
        case "LayerNorm" -> addLayerNorm(module);
        case "Normalize" -> steps.add(new Step(module, List.of(), first -> "(self).normalize(x)"));
        case "Dropout" -> addDropout(module);
        default ->
            throw ModelException.of(
                folder.name(),
                "module ["
                    + module.type()
                    + "] is not supported after the network, supported are Pooling, Dense, "
                    + "LayerNorm, Normalize and Dropout");
      }
    }
    pooling = found;
    int truncated = folder.settings().getInt("truncate_dim", width);
    dimensions = Math.min(truncated, width);
    if (dimensions <= 0) {
      throw ModelException.of(folder.name(), "truncate_dim is " + truncated);
    }
  }

  /** Reads the modules after the network. */
  public static DenseHead of(ModelFolder folder, Network network) throws IOException {
    return new DenseHead(folder, network);
  }

  private void addDense(Module module) throws IOException {
    JsonFile config = module.config("config.json");
    int in = config.requireInt("in_features");
    int out = config.requireInt("out_features");
    requireWidth(module, in);
    if (config.getBoolean("use_residual", false)) {
      throw ModelException.of(folder.name(), "module Dense with use_residual is not supported");
    }
    String name = config.getString("activation_function", "torch.nn.modules.activation.Tanh");
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(Parameter.plain("linear.weight", out, in));
    boolean bias = config.getBoolean("bias", true);
    if (bias) {
      parameters.add(Parameter.plain("linear.bias", out));
    }
    String product =
        Activation.ofClass(
            folder.name(),
            "module Dense",
            name,
            "torch.linear(x, w[%s], " + (bias ? "w[%s]" : "None") + ")");
    steps.add(new Step(module, parameters, first -> product.formatted(first, first + 1)));
    width = out;
  }

  /** Does nothing but in training. */
  private void addDropout(Module module) throws IOException {
    double rate = module.config("config.json").getDouble("dropout", 0.2);
    steps.add(new Step(module, List.of(), first -> "(self).dropout(x, " + rate + ", w)"));
  }

  private void addLayerNorm(Module module) throws IOException {
    int size = module.config("config.json").requireInt("dimension");
    requireWidth(module, size);
    steps.add(
        new Step(
            module,
            List.of(Parameter.plain("norm.weight", size), Parameter.plain("norm.bias", size)),
            first -> "torch.layer_norm(x, [%s], w[%s], w[%s])".formatted(size, first, first + 1)));
  }

  private void requireWidth(Module module, int in) {
    if (in != width) {
      throw ModelException.of(
          folder.name(),
          "module %s takes %d features, the one before gives %d"
              .formatted(module.type(), in, width));
    }
  }

  /** Numbers in a vector. */
  public int dimensions() {
    return dimensions;
  }

  public Pooling pooling() {
    return pooling;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    addTo(text, firstWeight, dimensions);
  }

  /** All dimensions, as in the reference: {@code truncate_dim} is for those who use a model. */
  @Override
  public void addTrainedTo(ProgramText text, int firstWeight, Precision precision) {
    addTo(text, firstWeight, width);
  }

  private void addTo(ProgramText text, int firstWeight, int kept) {
    if (!network.pools()) {
      text.add("pooling", Map.of("modes", pooling.expression()));
    }
    text.add("normalize", Map.of());
    StringBuilder method =
        new StringBuilder(
            network.pools() ? ENCODE_POOLED : ENCODE_TOKENS.formatted(pooling.statesOf(network)));
    int weight = firstWeight;
    for (Step step : steps) {
      method.append("    x = ").append(step.expression.apply(weight)).append("\n");
      weight += step.parameters.size();
    }
    text.append(method.append("    return torch.slice(x, 1, 0, " + kept + ")\n").toString());
  }

  private static final String ENCODE_TOKENS =
      """
        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          plan = (self).plan(torch.select(sequences, 0, 0), groups)
          x = %s
      """;

  private static final String ENCODE_POOLED =
      """
        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          x = (self).body(tokens, sequences, w)
      """;

  @Override
  public void addTo(WeightList weights) throws IOException {
    for (Step step : steps) {
      if (!step.parameters.isEmpty()) {
        weights.add(step.parameters, folder.weights(step.module), "");
      }
    }
  }
}
