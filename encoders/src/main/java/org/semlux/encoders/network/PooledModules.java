package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * The modules behind a network that make one row of a text's token states: pooling, then any {@code
 * Dense}, {@code LayerNorm}, {@code Normalize} and {@code Dropout} in the folder's order. All of it
 * is float32, whatever the network computes in. The program method is {@code vectors(tokens [3,
 * tokens], sequences [2, sequences], groups, w) -> [sequences, width]}.
 */
final class PooledModules {
  /** What modules hand on, in the reference's words. */
  static final String EMBEDDING = "sentence_embedding";

  /** What a cross-encoder's last module hands on. */
  static final String SCORES = "scores";

  /**
   * One module after pooling.
   *
   * @param expression what becomes of {@code x}, as a fragment writes it
   */
  private record Step(Module module, NamedWeights weights, String expression) {}

  private final ModelFolder folder;
  private final Network network;
  private final List<Step> steps = new ArrayList<>();
  private Pooling pooling = Pooling.MEAN;
  private int width;
  private String output = EMBEDDING;

  private PooledModules(ModelFolder folder, Network network) {
    this.folder = folder;
    this.network = network;
    this.width = network.hidden();
  }

  /**
   * Reads the modules behind a network; mean pooling where the folder names none.
   *
   * @throws ModelException when one is unknown, asks for what is not supported, or its width is not
   *     that of the one before
   */
  static PooledModules of(ModelFolder folder, Network network) throws IOException {
    PooledModules modules = new PooledModules(folder, network);
    List<Module> all = folder.modules();
    for (Module module : all.subList(network.modules(), all.size())) {
      modules.add(module);
    }
    return modules;
  }

  private void add(Module module) throws IOException {
    if (output.equals(SCORES)) {
      throw refuse("module [" + module.type() + "] comes after the one that gives the scores");
    }
    switch (module.type()) {
      case "Pooling" -> addPooling(module);
      case "Dense" -> addDense(module);
      case "LayerNorm" -> addLayerNorm(module);
      case "Normalize" -> addNormalize(module);
      case "Dropout" -> addDropout(module);
      default ->
          throw refuse(
              "module ["
                  + module.type()
                  + "] is not supported after the network, supported are Pooling, Dense, "
                  + "LayerNorm, Normalize and Dropout");
    }
  }

  private void addPooling(Module module) throws IOException {
    if (!steps.isEmpty()) {
      throw refuse("a Pooling comes after [" + steps.get(0).module.type() + "], not first");
    }
    pooling = Pooling.of(folder.name(), module.config("config.json", Pooling.KEYS));
    width = network.hidden() * pooling.modes().size();
  }

  private void addDense(Module module) throws IOException {
    JsonFile config =
        module.config(
            "config.json",
            Set.of(
                "in_features",
                "out_features",
                "bias",
                "activation_function",
                "module_input_name",
                "module_output_name",
                "use_residual"));
    int in = config.requireInt("in_features", 1, SizeLimits.WIDTH);
    int out = config.requireInt("out_features", 1, SizeLimits.WIDTH);
    requireWidth(module, in);
    requireInput(module, config);
    output = config.getString("module_output_name", EMBEDDING);
    if (!output.equals(EMBEDDING) && !output.equals(SCORES)) {
      throw refuse("module Dense gives [" + output + "], known are " + EMBEDDING + ", " + SCORES);
    }
    NamedWeights weights =
        new NamedWeights().unpacked("dense", "linear", out, in, config.getBoolean("bias", true));
    boolean residual = config.getBoolean("use_residual", false);
    String kept = residual ? "torch.add(%s, x)" : "%s";
    if (residual && in != out) {
      weights.unpacked("residual", "residual", out, in, false);
      kept = "torch.add(%s, (self).product(x, ${w.residual}))";
    }
    String name = config.getString("activation_function", "torch.nn.modules.activation.Tanh");
    String activated =
        Activation.ofClass(folder.name(), "module Dense", name, "(self).product(x, ${w.dense})");
    steps.add(new Step(module, weights, kept.formatted(activated)));
    width = out;
  }

  /** Does nothing but in training. */
  private void addDropout(Module module) throws IOException {
    double rate = module.config("config.json", Set.of("dropout")).getDouble("dropout", 0.2);
    steps.add(new Step(module, new NamedWeights(), "(self).dropout(x, " + rate + ", w)"));
  }

  private void addLayerNorm(Module module) throws IOException {
    int size =
        module
            .config("config.json", Set.of("dimension"))
            .requireInt("dimension", 1, SizeLimits.WIDTH);
    requireWidth(module, size);
    NamedWeights weights = new NamedWeights().norm("norm", "norm", size, true);
    steps.add(new Step(module, weights, "torch.layer_norm(x, [" + size + "], ${w.norm})"));
  }

  private void addNormalize(Module module) throws IOException {
    JsonFile config =
        module.config("config.json", Set.of("module_input_name", "module_output_name"));
    requireInput(module, config);
    if (!config.getString("module_output_name", EMBEDDING).equals(EMBEDDING)) {
      throw refuse("module Normalize gives [" + config.requireString("module_output_name") + "]");
    }
    steps.add(new Step(module, new NamedWeights(), "(self).normalize(x)"));
  }

  private void requireInput(Module module, JsonFile config) throws IOException {
    String input = config.getString("module_input_name", EMBEDDING);
    if (!input.equals(EMBEDDING)) {
      throw refuse(
          "module %s takes [%s], only %s is supported".formatted(module.type(), input, EMBEDDING));
    }
  }

  private void requireWidth(Module module, int in) {
    if (in != width) {
      throw refuse(
          "module %s takes %d features, the one before gives %d"
              .formatted(module.type(), in, width));
    }
  }

  private ModelException refuse(String problem) {
    return ModelException.of(folder.name(), problem);
  }

  /** Numbers in a row. */
  int width() {
    return width;
  }

  /** What the last module hands on: {@link #EMBEDDING} or {@link #SCORES}. */
  String output() {
    return output;
  }

  Pooling pooling() {
    return pooling;
  }

  /**
   * Adds the method to a program that has the network's.
   *
   * @param firstWeight where these modules' weights begin in the program's list
   */
  void addTo(ProgramText text, int firstWeight) {
    if (!network.pools()) {
      text.add("pooling", Map.of("modes", pooling.expression()));
    }
    text.add("normalize", Map.of());
    StringBuilder method =
        new StringBuilder(network.pools() ? POOLED : TOKENS.formatted(pooling.statesOf(network)));
    method.append("    count = torch.size(x, 0)\n    x = (self).fill(x)\n");
    int weight = firstWeight;
    for (Step step : steps) {
      String expression = ProgramText.fill(step.expression, step.weights.constants(weight));
      method.append("    x = ").append(expression).append("\n");
      weight += step.weights.count();
    }
    text.append(method.append("    return torch.slice(x, 0, 0, count)\n").toString());
  }

  private static final String TOKENS =
      """
        def vectors(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          plan = (self).plan(torch.select(sequences, 0, 0), groups)
          x = %s
      """;

  private static final String POOLED =
      """
        def vectors(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          x = (self).body(tokens, sequences, w)
      """;

  /** Reads the modules' weights. */
  void addTo(WeightList weights) throws IOException {
    for (Step step : steps) {
      if (step.weights.count() > 0) {
        weights.add(step.weights.parameters(), folder.weights(step.module), "");
      }
    }
  }
}
