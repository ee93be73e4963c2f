package org.semlux.encoders.network;

import java.util.List;
import org.semlux.encoders.program.NamedWeights;

/**
 * What a {@link PostNormTransformer}'s files call its modules: a norm of the embeddings, then those
 * of a layer.
 *
 * @param layers before the layer's number
 * @param queryKeyValue three modules, side by side in one product
 * @param intermediate one module, or the gate and what goes through it
 */
record ModuleNames(
    String embeddingNorm,
    String layers,
    List<String> queryKeyValue,
    String attentionOutput,
    String attentionNorm,
    List<String> intermediate,
    String output,
    String outputNorm) {
  /**
   * Adds the weights that a layer of each architecture has.
   *
   * @param gated whether the feed-forward network's middle has a gate
   * @param biases whether products have them
   * @return what the names of the layer's modules begin with
   */
  String addLayer(
      NamedWeights weights,
      int number,
      PostNormTransformer.Sizes sizes,
      boolean gated,
      boolean biases) {
    String layer = layers + number + ".";
    int hidden = sizes.hidden();
    List<String> qkv = queryKeyValue.stream().map(module -> layer + module).toList();
    weights
        .joined("qkv", qkv, 3L * hidden, hidden, biases)
        .linear("attention_output", layer + attentionOutput, hidden, hidden, biases)
        .norm("attention_norm", layer + attentionNorm, hidden, true);
    if (gated) {
      String gate = layer + intermediate.getFirst();
      weights.linear("gate", gate, sizes.intermediate(), hidden, biases);
    }
    String inner = layer + intermediate.getLast();
    weights
        .linear("intermediate", inner, sizes.intermediate(), hidden, biases)
        .linear("output", layer + output, hidden, sizes.intermediate(), biases)
        .norm("output_norm", layer + outputNorm, hidden, true);
    return layer;
  }
}
