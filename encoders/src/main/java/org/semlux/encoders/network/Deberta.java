package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;

/**
 * DeBERTa, versions 2 and 3: attention by content and by relative places (He et al. 2020, <a
 * href="https://arxiv.org/abs/2006.03654">arXiv:2006.03654</a>; He et al. 2021, <a
 * href="https://arxiv.org/abs/2111.09543">arXiv:2111.09543</a>).
 */
final class Deberta extends Bert {
  private static final String SELF = "attention.self.";
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "encoder.layer.",
          List.of(SELF + "query_proj", SELF + "key_proj", SELF + "value_proj"),
          "attention.output.dense",
          "attention.output.LayerNorm",
          List.of("intermediate.dense"),
          "output.dense",
          "output.LayerNorm");

  private static final Defaults DEFAULTS = new Defaults(1e-7, "gelu", 0.1);

  /**
   * A convolution beside the first layer.
   *
   * @param kernel tokens that it sees
   */
  private record Convolution(int kernel, int groups, Activation activation) {}

  private final boolean hasPositions;
  private final DisentangledAttention attention;
  private final Optional<Convolution> convolution;
  private final Classifier classifier;
  private final boolean legacy;

  Deberta(String model, JsonFile config) throws IOException {
    super(
        model,
        sizes(model, config, DEFAULTS),
        NAMES,
        config.getInt("type_vocab_size", 0, 0, SizeLimits.KINDS),
        0);
    hasPositions = config.getBoolean("position_biased_input", true);
    legacy = config.getBoolean("legacy", true);
    attention = DisentangledAttention.of(model, config, sizes().positions());
    convolution = convolution(model, config);
    requireHidden(model, config, "embedding_size", sizes().hidden());
    requireHidden(model, config, "pooler_hidden_size", sizes().hidden());
    requireHidden(model, config, "attention_head_size", sizes().hidden() / sizes().heads());
    if (convolution.isPresent() && !attention.relative()) {
      throw ModelException.of(
          model, "conv_kernel_size without relative_attention by pos_att_type is not supported");
    }
    Activation activation = Activation.of(model, config.getString("pooler_hidden_act", "gelu"));
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pooler.dense", activation),
            "classifier",
            config.getDouble("pooler_dropout", 0),
            config.getDouble("cls_dropout", config.getDouble("hidden_dropout_prob", 0.1)));
  }

  private static void requireHidden(String model, JsonFile config, String key, int expected)
      throws IOException {
    int found = config.getInt(key, expected);
    if (found != expected) {
      throw ModelException.of(model, key + " is " + found + ", only " + expected + " is supported");
    }
  }

  private static Optional<Convolution> convolution(String model, JsonFile config)
      throws IOException {
    int kernel = config.getInt("conv_kernel_size", 0, 0, 99);
    if (kernel == 0) {
      return Optional.empty();
    }
    if (kernel % 2 == 0) {
      throw ModelException.of(model, "conv_kernel_size is " + kernel + ", only odd ones are known");
    }
    return Optional.of(
        new Convolution(
            kernel,
            config.getInt("conv_groups", 1, 1, SizeLimits.WIDTH),
            Activation.of(model, config.getString("conv_act", "tanh"))));
  }

  /** Where the reference hides a token, it empties its embedding and what it attends to as well. */
  @Override
  public boolean readsUnseen() {
    return false;
  }

  @Override
  public void requireLength(int tokens) {
    attention.requireLength(tokens);
  }

  @Override
  boolean hasPositions() {
    return hasPositions;
  }

  @Override
  public boolean givesFirstStates() {
    return false;
  }

  @Override
  public List<String> fragments() {
    List<String> fragments = new ArrayList<>(super.fragments());
    fragments.removeAll(List.of("post-norm", "first-states"));
    fragments.add(attention.relative() ? "deberta" : "post-norm");
    if (convolution.isPresent()) {
      fragments.add("deberta-convolution");
    }
    return fragments;
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = super.constants();
    int hidden = sizes().hidden();
    attention.addTo(
        constants, weights().constants(0), hidden, hidden / sizes().heads(), sizes().eps());
    constants.put("behind_layer", "x0");
    convolution.ifPresent(
        it -> {
          constants.put(
              "behind_layer", "(self).behind_layer(x0, layer, embedded, groups, plan, w)");
          constants.put("kernel", it.kernel);
          constants.put("convolution_groups", it.groups);
          constants.put("convolution_activated", it.activation.of("dropped"));
        });
    return constants;
  }

  /** The scores by places so far, those that are added, and their sum. */
  @Override
  public int numbersOfPairs() {
    return attention.relative() ? 3 * sizes().heads() : 0;
  }

  @Override
  void addOwn(NamedWeights weights) {
    int hidden = sizes().hidden();
    attention.addTo(weights, hidden);
    convolution.ifPresent(
        it ->
            weights
                .module(
                    "convolution",
                    Parameter.plain(
                        "encoder.conv.conv.weight", hidden, hidden / it.groups, it.kernel),
                    Optional.of(Parameter.plain("encoder.conv.conv.bias", hidden)))
                .norm("convolution_norm", "encoder.conv.LayerNorm", hidden, true));
  }

  @Override
  void addOwn(NamedWeights weights, String layer) {
    attention.addTo(weights, layer, sizes().hidden());
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return legacy ? super.maskedLanguageHead() : Optional.of(newHead());
  }

  /** Of files with {@code legacy: false}: its decoder is always the word embedding. */
  private MaskedLanguageHead newHead() {
    String head = "lm_predictions.lm_head.";
    HeadLayer layer =
        HeadLayer.of(head + "dense", sizes().activation())
            .with(new HeadLayer.Norm(head + "LayerNorm", true, sizes().eps()));
    String bias = head + "bias";
    return new MaskedLanguageHead(
        Optional.of(layer), WORDS, bias, bias, true, true, WORDS, List.of());
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of(
        "hidden_dropout_prob", "attention_probs_dropout_prob", "pooler_dropout", "cls_dropout");
  }

  @Override
  public String prefix() {
    return "deberta.";
  }
}
