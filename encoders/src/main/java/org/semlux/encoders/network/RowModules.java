package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * Modules that work on rows, one a text or one a token: {@code Dense}, {@code LayerNorm}, {@code
 * Normalize} and {@code Dropout} in the folder's order. All of it is float32, whatever the network
 * computes in.
 */
final class RowModules {
  /** What modules hand on, in the reference's words: a row a text. */
  static final String EMBEDDING = "sentence_embedding";

  /** A row a token. */
  static final String TOKENS = "token_embeddings";

  /** What a cross-encoder's last module hands on. */
  static final String SCORES = "scores";

  /**
   * One module.
   *
   * @param of whose weights these are; null for none. They are opened where they are read, so that
   *     a folder can be looked through before it has any
   * @param expression what becomes of {@code x}, as a fragment writes it
   */
  private record Step(Module of, NamedWeights weights, String expression) {}

  private final ModelFolder folder;
  private final String feature;
  private final List<Step> steps = new ArrayList<>();
  private final List<String> types = new ArrayList<>();
  private int width;
  private String output;

  /**
   * @param feature what the first module takes, and those do that name nothing else
   * @param width of its rows
   */
  RowModules(ModelFolder folder, String feature, int width) {
    this.folder = folder;
    this.feature = feature;
    this.output = feature;
    this.width = width;
  }

  /**
   * Adds a module behind those before.
   *
   * @return whether it is one of these modules
   * @throws ModelException when it asks for what is not supported, or its width is not that of the
   *     one before
   */
  boolean add(Module module) throws IOException {
    if (output.equals(SCORES)) {
      throw refuse("module [" + module.type() + "] comes after the one that gives the scores");
    }
    switch (module.type()) {
      case "Dense" -> addDense(module);
      case "LayerNorm" -> addLayerNorm(module);
      case "Normalize" -> addNormalize(module);
      case "Dropout" -> addDropout(module);
      default -> {
        return false;
      }
    }
    types.add(module.type());
    return true;
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
    output = output(config);
    if (!output.equals(feature) && !output.equals(SCORES)) {
      throw refuse("module Dense gives [" + output + "], known are " + feature + ", " + SCORES);
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
    Activation activation = Activation.ofClass(folder.name(), "module Dense", name);
    String activated = activation.of("(self).product(x, ${w.dense})");
    steps.add(new Step(module, weights, kept.formatted(activated)));
    width = out;
  }

  /** A projection without bias or activation, of weights that belong to no module. */
  void addProjection(Module module, int out) {
    NamedWeights weights = new NamedWeights().unpacked("dense", "linear", out, width, false);
    steps.add(new Step(module, weights, "(self).product(x, ${w.dense})"));
    width = out;
  }

  /** Does nothing but in training. */
  private void addDropout(Module module) throws IOException {
    requireEmbedding(module);
    double rate = module.config("config.json", Set.of("dropout")).getDouble("dropout", 0.2);
    addStep("(self).dropout(x, " + rate + ", w)");
  }

  private void addLayerNorm(Module module) throws IOException {
    requireEmbedding(module);
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
    if (config.getString("module_input_name", EMBEDDING).equals(EMBEDDING)
        && feature.equals(TOKENS)) {
      return; // it takes rows of texts where there are any
    }
    requireInput(module, config);
    if (!output(config).equals(feature)) {
      throw refuse("module Normalize gives [" + output(config) + "]");
    }
    addNormalize();
  }

  /** Rows of length 1. */
  void addNormalize() {
    addStep("(self).normalize(x)");
  }

  private void addStep(String expression) {
    steps.add(new Step(null, new NamedWeights(), expression));
  }

  private void requireInput(Module module, JsonFile config) throws IOException {
    requireInput(module, config.getString("module_input_name", feature));
  }

  /** Of a module that takes nothing else. */
  private void requireEmbedding(Module module) {
    requireInput(module, EMBEDDING);
  }

  private void requireInput(Module module, String input) {
    if (!input.equals(feature)) {
      throw refuse(
          "module %s takes [%s], only %s is supported"
              .formatted(module.type(), ModelException.brief(input), feature));
    }
  }

  private String output(JsonFile config) throws IOException {
    return config.getString("module_output_name", feature);
  }

  private void requireWidth(Module module, int in) {
    if (in != width) {
      throw refuse(
          "module %s takes %s features, the one before gives %s"
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

  /** What the last module hands on. */
  String output() {
    return output;
  }

  /** The modules so far, by their classes. */
  List<String> types() {
    return types;
  }

  /**
   * Lines of a program's method that make of {@code x} what these modules do.
   *
   * @param firstWeight where their weights begin in the program's list
   */
  String lines(int firstWeight) {
    StringBuilder lines = new StringBuilder();
    int weight = firstWeight;
    for (Step step : steps) {
      String expression = ProgramText.fill(step.expression, step.weights.constants(weight));
      lines.append("    x = ").append(expression).append("\n");
      weight += step.weights.count();
    }
    return lines.toString();
  }

  /** Reads the modules' weights. */
  void addTo(WeightList weights) throws IOException {
    for (Step step : steps) {
      if (step.weights.count() > 0) {
        weights.add(step.weights.parameters(), folder.weights(step.of), "");
      }
    }
  }
}
