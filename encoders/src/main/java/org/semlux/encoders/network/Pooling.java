package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * How token states become one vector: several modes are concatenated.
 *
 * @param modes of {@code cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken}
 * @param includePrompt whether a prompt's tokens count
 */
public record Pooling(List<String> modes, boolean includePrompt) {
  private static final Set<String> MODES =
      Set.of("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken");

  /** Flags of configs before sentence-transformers 6, in their order of concatenation. */
  private static final Map<String, String> FLAGS = new LinkedHashMap<>();

  static {
    FLAGS.put("pooling_mode_cls_token", "cls");
    FLAGS.put("pooling_mode_max_tokens", "max");
    FLAGS.put("pooling_mode_mean_tokens", "mean");
    FLAGS.put("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens");
    FLAGS.put("pooling_mode_weightedmean_tokens", "weightedmean");
    FLAGS.put("pooling_mode_lasttoken", "lasttoken");
  }

  /** What its config may say; the last ones are of older releases. */
  static final Set<String> KEYS = new HashSet<>();

  static {
    KEYS.addAll(
        Set.of(
            "embedding_dimension", "pooling_mode", "include_prompt", "word_embedding_dimension"));
    KEYS.addAll(FLAGS.keySet());
  }

  /** One mode by its name. */
  static Pooling of(String model, String mode) {
    if (!MODES.contains(mode)) {
      throw unknown(model, List.of(mode));
    }
    return new Pooling(List.of(mode), true);
  }

  private static ModelException unknown(String model, List<String> modes) {
    return ModelException.of(
        model,
        "unknown pooling " + ModelException.brief(modes.toString()) + ", supported are " + MODES);
  }

  /**
   * What a folder without {@code modules.json} gets: the last token where its network was made to
   * go on with a text, else the mean.
   */
  public static Pooling byDefault(ModelFolder folder) throws IOException {
    JsonFile config = folder.modules().get(0).config("config.json");
    List<String> names =
        config.has("architectures") ? config.requireStrings("architectures") : List.of();
    boolean causal =
        !config.object().has("is_causal") || config.getBoolean("is_causal", false); // null: not
    boolean last = !names.isEmpty() && names.get(0).endsWith("ForCausalLM") && causal;
    return new Pooling(List.of(last ? "lasttoken" : "mean"), true);
  }

  static Pooling of(String model, JsonFile config) throws IOException {
    List<String> modes = new ArrayList<>();
    if (config.has("pooling_mode") && config.object().get("pooling_mode").isJsonArray()) {
      modes.addAll(config.requireStrings("pooling_mode"));
    } else if (config.has("pooling_mode")) {
      modes.add(config.requireString("pooling_mode"));
    } else {
      for (Map.Entry<String, String> flag : FLAGS.entrySet()) {
        if (config.getBoolean(flag.getKey(), false)) {
          modes.add(flag.getValue());
        }
      }
    }
    if (modes.size() > MODES.size()) {
      throw ModelException.of(
          model, "%s poolings at once, there are %s".formatted(modes.size(), MODES.size()));
    }
    if (modes.isEmpty()) {
      modes.add("mean"); // as the reference does where nothing is asked for
    }
    if (!MODES.containsAll(modes)) {
      throw unknown(model, modes);
    }
    return new Pooling(List.copyOf(modes), config.getBoolean("include_prompt", true));
  }

  /**
   * The pooled states of a batch, as an expression of an {@code encode} method.
   *
   * @param network whose body gives the states
   */
  String statesOf(Network network) {
    return statesOf(network, OptionalInt.empty());
  }

  /** The same without the tokens of an id that end a text. */
  String statesOf(Network network, OptionalInt padding) {
    boolean first = modes.equals(List.of("cls")) && includePrompt && network.givesFirstStates();
    return first
        ? "(self).first_states(tokens, sequences, groups, plan, w)"
        : "(self).pool((self).body(tokens, groups, plan, w), %s, groups, plan)"
            .formatted(
                padding.isPresent()
                    ? "(self).without_end(tokens, sequences, " + padding.getAsInt() + ")"
                    : "sequences");
  }

  /** The pooled vectors of a group, as an expression list of the fragment {@code pooling}. */
  String expression() {
    return modes.stream()
        .map(mode -> "(self).pool_" + mode + "(padded, mask, lengths)")
        .collect(Collectors.joining(", "));
  }
}
