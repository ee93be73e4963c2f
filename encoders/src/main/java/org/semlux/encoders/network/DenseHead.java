package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.Weights;

/**
 * What makes one vector of a text's token states: pooling, then any {@code Dense} and {@code
 * Normalize} modules in the folder's order. All of it is float32, whatever the network computes in.
 * The program method is {@code encode(tokens [3, tokens], sequences [2, sequences], groups, w) ->
 * [sequences, dimensions]}.
 */
public final class DenseHead implements Head {
  private static final Map<String, String> ACTIVATIONS =
      Map.of(
          "Identity", "",
          "Tanh", "torch.tanh",
          "ReLU", "torch.relu",
          "GELU", "torch.gelu",
          "SiLU", "torch.silu",
          "Sigmoid", "torch.sigmoid");

  private record Layer(Module module, String activation, List<Parameter> parameters) {}

  private final ModelFolder folder;
  private final Pooling pooling;
  private final List<Layer> layers = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private int width;
  private final int dimensions;

  private DenseHead(ModelFolder folder, int hidden) throws IOException {
    this.folder = folder;
    List<Module> modules = folder.modules();
    Pooling found = Pooling.MEAN;
    width = hidden;
    for (Module module : modules.subList(1, modules.size())) {
      switch (module.type()) {
        case "Pooling" -> {
          found = Pooling.of(folder.name(), module.config("config.json"));
          width = hidden * found.modes().size();
        }
        case "Dense" -> addDense(module);
        case "Normalize" -> steps.add("(self).normalize(x)");
        case "Dropout" -> {} // trains only
        default ->
            throw ModelException.of(
                folder.name(),
                "module ["
                    + module.type()
                    + "] is not supported after the network, supported are Pooling, Dense, Normalize");
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
  public static DenseHead of(ModelFolder folder, int hidden) throws IOException {
    return new DenseHead(folder, hidden);
  }

  private void addDense(Module module) throws IOException {
    JsonFile config = module.config("config.json");
    int in = config.requireInt("in_features");
    int out = config.requireInt("out_features");
    if (in != width) {
      throw ModelException.of(
          folder.name(), "module Dense takes " + in + " features, the one before gives " + width);
    }
    if (config.getBoolean("use_residual", false)) {
      throw ModelException.of(folder.name(), "module Dense with use_residual is not supported");
    }
    String name = config.getString("activation_function", "torch.nn.modules.activation.Tanh");
    String activation = ACTIVATIONS.get(name.substring(name.lastIndexOf('.') + 1));
    if (activation == null) {
      throw ModelException.of(
          folder.name(),
          "module Dense has the activation [" + name + "], supported are " + ACTIVATIONS.keySet());
    }
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(Parameter.plain("linear.weight", out, in));
    if (config.getBoolean("bias", true)) {
      parameters.add(Parameter.plain("linear.bias", out));
    }
    steps.add("(self).dense_" + layers.size() + "(x, w)");
    layers.add(new Layer(module, activation, parameters));
    width = out;
  }

  /** Numbers in a vector. */
  public int dimensions() {
    return dimensions;
  }

  public Pooling pooling() {
    return pooling;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight) {
    text.add("pooling", Map.of("modes", pooling.expression()));
    text.add("normalize", Map.of());
    int weight = firstWeight;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      boolean bias = layer.parameters.size() == 2;
      text.add(
          "dense-head",
          Map.of(
              "index",
              i,
              "activation",
              layer.activation,
              "weight",
              weight,
              "bias",
              bias ? "w[" + (weight + 1) + "]" : "None"));
      weight += layer.parameters.size();
    }
    text.append(encodeMethod());
  }

  private String encodeMethod() {
    StringBuilder method =
        new StringBuilder(
            """
              def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
                plan = (self).plan(torch.select(sequences, 0, 0), groups)
                x = (self).pool((self).body(tokens, groups, plan, w), sequences, groups, plan)
            """);
    steps.forEach(step -> method.append("    x = ").append(step).append("\n"));
    return method
        .append("    return torch.slice(x, 1, 0, ")
        .append(dimensions)
        .append(")\n")
        .toString();
  }

  @Override
  public void addTo(Weights weights) throws IOException {
    for (Layer layer : layers) {
      weights.add(layer.parameters, folder.weights(layer.module), "");
    }
  }
}
