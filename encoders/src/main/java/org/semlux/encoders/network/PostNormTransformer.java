package org.semlux.encoders.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Parameter.Role;

/**
 * BERT and its kin: one program, that normalises after each residual sum. An architecture says what
 * its config calls the sizes, what its files call the weights, and which of the few variants it is.
 */
abstract class PostNormTransformer implements Network {
  /**
   * @param vocabulary rows of the word embedding
   * @param positions rows of the position embedding
   * @param eps added to variances
   * @param dropout rates, in training
   */
  record Sizes(
      int hidden,
      int heads,
      int layers,
      int intermediate,
      int vocabulary,
      int positions,
      double eps,
      Activation activation,
      Dropout dropout) {}

  /**
   * Rates of dropout.
   *
   * @param states of the embeddings and behind each layer's last product
   * @param attended behind attention's product
   * @param attention of attention's shares
   */
  record Dropout(double states, double attended, double attention) {}

  /**
   * What a layer's modules are called.
   *
   * @param layers before the layer's number
   * @param queryKeyValue three modules, side by side in one product
   */
  record Names(
      String layers,
      List<String> queryKeyValue,
      String attentionOutput,
      String attentionNorm,
      String intermediate,
      String output,
      String outputNorm) {}

  private final Sizes sizes;
  private final Names names;

  PostNormTransformer(String model, Sizes sizes, Names names) {
    if (sizes.hidden % sizes.heads != 0) {
      throw ModelException.of(
          model,
          "its hidden size " + sizes.hidden + " is no multiple of its " + sizes.heads + " heads");
    }
    this.sizes = sizes;
    this.names = names;
  }

  final Sizes sizes() {
    return sizes;
  }

  /** Token types that are told apart; 0 where the model has no such embedding. */
  int types() {
    return 0;
  }

  /** The padding token's id, where positions begin after it; -1 where they begin at 0. */
  int padding() {
    return -1;
  }

  /** Buckets of relative positions; 0 where attention knows none. */
  int relativeBuckets() {
    return 0;
  }

  @Override
  public final boolean givesFirstStates() {
    return true;
  }

  @Override
  public final List<String> fragments() {
    List<String> fragments =
        new ArrayList<>(List.of("attention", "embeddings", "post-norm", "first-states"));
    if (types() > 0) {
      fragments.add("token-types");
    }
    if (padding() >= 0) {
      fragments.add("positions-after-padding");
    }
    if (relativeBuckets() > 0) {
      fragments.add("relative-positions");
    }
    return fragments;
  }

  @Override
  public final Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    constants.put("hidden", sizes.hidden);
    constants.put("heads", sizes.heads);
    constants.put("head_size", sizes.hidden / sizes.heads);
    constants.put("layers", sizes.layers);
    constants.put("eps", sizes.eps);
    constants.put("activation", sizes.activation.name());
    constants.put("activation_algorithm", sizes.activation.algorithm());
    constants.put("activated", sizes.activation.of("product"));
    constants.put("activated_in_place", sizes.activation.inPlace("product"));
    constants.put("dropout", sizes.dropout.states);
    constants.put("attended_dropout", sizes.dropout.attended);
    constants.put("attention_dropout", sizes.dropout.attention);
    constants.put("padding", padding());
    constants.put("words", types() > 0 ? "(self).add_types(words, tokens, w)" : "words");
    constants.put(
        "positions",
        padding() >= 0 ? "(self).positions_after_padding(tokens)" : "torch.select(tokens, 0, 1)");
    constants.put("plan", relativeBuckets() > 0 ? "(self).plan_relative(groups, plan, w)" : "plan");
    constants.put("relative", 4); // no architecture has types and relative positions
    constants.put("first", embeddings().size());
    return constants;
  }

  @Override
  public final List<Parameter> parameters() {
    List<Parameter> list = embeddings();
    for (int i = 0; i < sizes.layers; i++) {
      addLayer(list, names.layers + i + ".");
    }
    return list;
  }

  private List<Parameter> embeddings() {
    List<Parameter> list = new ArrayList<>();
    String words = "embeddings.word_embeddings.weight";
    list.add(Parameter.table(words, sizes.vocabulary, sizes.hidden));
    String positions = "embeddings.position_embeddings.weight";
    list.add(Parameter.plain(positions, sizes.positions, sizes.hidden));
    addNorm(list, "embeddings.LayerNorm");
    if (types() > 0) {
      String types = "embeddings.token_type_embeddings.weight";
      list.add(Parameter.plain(types, types(), sizes.hidden));
    }
    if (relativeBuckets() > 0) {
      String relative = "encoder.relative_attention_bias.weight";
      list.add(Parameter.plain(relative, relativeBuckets(), sizes.heads));
    }
    return list;
  }

  private void addLayer(List<Parameter> list, String layer) {
    int hidden = sizes.hidden;
    List<String> qkv = names.queryKeyValue.stream().map(module -> layer + module).toList();
    list.add(joined(qkv, ".weight", Role.LINEAR, 3L * hidden, hidden));
    list.add(joined(qkv, ".bias", Role.BIAS, 3L * hidden));
    addLinear(list, layer + names.attentionOutput, hidden, hidden);
    addNorm(list, layer + names.attentionNorm);
    addLinear(list, layer + names.intermediate, sizes.intermediate, hidden);
    addLinear(list, layer + names.output, hidden, sizes.intermediate);
    addNorm(list, layer + names.outputNorm);
  }

  private static Parameter joined(List<String> modules, String suffix, Role role, long... shape) {
    return new Parameter(modules.stream().map(name -> name + suffix).toList(), role, shape);
  }

  private static void addLinear(List<Parameter> list, String module, long out, long in) {
    list.add(Parameter.linear(module + ".weight", out, in));
    list.add(Parameter.bias(module + ".bias", out));
  }

  private void addNorm(List<Parameter> list, String module) {
    list.add(Parameter.plain(module + ".weight", sizes.hidden));
    list.add(Parameter.plain(module + ".bias", sizes.hidden));
  }

  @Override
  public final int hidden() {
    return sizes.hidden;
  }

  @Override
  public final int vocabularySize() {
    return sizes.vocabulary;
  }

  @Override
  public final int maxPositions() {
    return sizes.positions - padding() - 1;
  }
}
