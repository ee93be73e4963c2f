package org.semlux.encoders.network;

import java.io.IOException;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * How rotary positions were fitted to longer texts than a model was trained with: what becomes of
 * each pair's frequency, and of the length of what is turned. The types are those of transformers'
 * {@code modeling_rope_utils.py}.
 */
interface RotaryStretch {
  /** Positions as they were trained. */
  RotaryStretch NONE = (theta, headSize) -> "(self).frequencies(" + theta + ")";

  /** An expression of a program for the frequencies {@code [head size / 2]}. */
  String frequencies(double theta, int headSize);

  /** What queries and keys are multiplied by. */
  default double length() {
    return 1;
  }

  /** Whether texts beyond the positions are turned by the longest of their batch. */
  default boolean isDynamic() {
    return false;
  }

  /**
   * Reads one.
   *
   * @param config of the model
   * @param rope its {@code rope_parameters} or {@code rope_scaling}
   * @throws ModelException when its type is not supported, or its numbers make no sense
   */
  static RotaryStretch of(String model, JsonFile config, JsonFile rope) throws IOException {
    String type = rope.getString("rope_type", rope.getString("type", "default"));
    return switch (type) {
      case "default" -> NONE;
      case "dynamic" -> dynamic(model, rope);
      case "linear" -> linear(required(model, rope, "factor"));
      case "llama3" -> Llama3.of(model, config, rope);
      case "yarn" -> Yarn.of(model, config, rope);
      default ->
          throw ModelException.of(
              model,
              "rotary positions of type ["
                  + ModelException.brief(type)
                  + "] are not supported, supported are default, dynamic, linear, llama3, yarn");
    };
  }

  /** Stretches texts beyond {@code max_position_embeddings}, and none is longer here. */
  private static RotaryStretch dynamic(String model, JsonFile rope) throws IOException {
    required(model, rope, "factor");
    return new RotaryStretch() {
      @Override
      public String frequencies(double theta, int headSize) {
        return NONE.frequencies(theta, headSize);
      }

      @Override
      public boolean isDynamic() {
        return true;
      }
    };
  }

  private static RotaryStretch linear(double factor) {
    return (theta, headSize) ->
        "torch.div(" + NONE.frequencies(theta, headSize) + ", " + factor + ")";
  }

  private static double positive(String model, JsonFile rope, String key, double otherwise)
      throws IOException {
    double number = rope.getDouble(key, otherwise);
    if (!(number > 0) || Double.isInfinite(number)) {
      throw ModelException.of(model, key + " of its rotary positions is " + number);
    }
    return number;
  }

  private static double required(String model, JsonFile rope, String key) throws IOException {
    if (!rope.has(key)) {
      throw ModelException.of(model, "its rotary positions lack [" + key + "]");
    }
    return positive(model, rope, key, 1);
  }

  /** Tokens of the texts that the model was first trained with. */
  private static double trainedLength(String model, JsonFile config, JsonFile rope)
      throws IOException {
    String key = "original_max_position_embeddings";
    return config.has(key)
        ? positive(model, config, key, 1)
        : positive(
            model,
            rope,
            key,
            config.requireInt("max_position_embeddings", 1, SizeLimits.POSITIONS));
  }

  /** Frequencies by their pair's place as a list of numbers. */
  private static String listed(int headSize, DoubleUnaryOperator ofPair) {
    return IntStream.range(0, headSize / 2)
        .mapToObj(pair -> Float.toString((float) ofPair.applyAsDouble(pair)))
        .collect(Collectors.joining(", ", "torch.tensor([", "])"));
  }

  private static double plain(double theta, int headSize, double pair) {
    return Math.pow(theta, -2 * pair / headSize);
  }

  /**
   * Llama 3.1's: slow turns become slower, quick ones stay.
   *
   * @param factor slow ones are divided by
   * @param slow turns in a text of the trained length up to which one is slow
   * @param quick those from which one is quick
   * @param trained that length
   */
  record Llama3(double factor, double slow, double quick, double trained) implements RotaryStretch {
    private static Llama3 of(String model, JsonFile config, JsonFile rope) throws IOException {
      Llama3 found =
          new Llama3(
              required(model, rope, "factor"),
              required(model, rope, "low_freq_factor"),
              required(model, rope, "high_freq_factor"),
              trainedLength(model, config, rope));
      if (found.quick <= found.slow) {
        throw ModelException.of(
            model, "high_freq_factor of its rotary positions is not above low_freq_factor");
      }
      return found;
    }

    @Override
    public String frequencies(double theta, int headSize) {
      return listed(headSize, pair -> stretched(plain(theta, headSize, pair)));
    }

    private double stretched(double frequency) {
      double turns = trained * frequency / (2 * Math.PI);
      double unchanged = Math.clamp((turns - slow) / (quick - slow), 0, 1);
      return (1 - unchanged) * frequency / factor + unchanged * frequency;
    }
  }

  /**
   * YaRN (Peng et al. 2023, <a href="https://arxiv.org/abs/2309.00071">arXiv:2309.00071</a>): the
   * same by a ramp over the pairs, and longer queries and keys.
   *
   * @param quick turns in a text of the trained length from which a pair stays as it is
   * @param slow those up to which its frequency is divided by the factor
   * @param whole whether the ramp begins and ends at whole pairs
   */
  record Yarn(
      double factor, double quick, double slow, double trained, boolean whole, double length)
      implements RotaryStretch {
    private static Yarn of(String model, JsonFile config, JsonFile rope) throws IOException {
      double trained = trainedLength(model, config, rope);
      int positions = config.requireInt("max_position_embeddings", 1, SizeLimits.POSITIONS);
      double factor = positive(model, rope, "factor", positions / trained);
      double all = rope.getDouble("mscale_all_dim", 0);
      double own = rope.getDouble("mscale", 0);
      double length =
          own != 0 && all != 0 ? longer(factor, own) / longer(factor, all) : longer(factor, 1);
      return new Yarn(
          factor,
          positive(model, rope, "beta_fast", 32),
          positive(model, rope, "beta_slow", 1),
          trained,
          rope.getBoolean("truncate", true),
          rope.getDouble("attention_factor", length));
    }

    private static double longer(double factor, double scale) {
      return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    @Override
    public String frequencies(double theta, int headSize) {
      double first = pair(quick, theta, headSize);
      double last = pair(slow, theta, headSize);
      double low = Math.max(whole ? Math.floor(first) : first, 0);
      double high = Math.min(whole ? Math.ceil(last) : last, headSize - 1.0);
      double width = low == high ? 0.001 : high - low;
      return listed(
          headSize,
          pair -> {
            double divided = Math.clamp((pair - low) / width, 0, 1);
            double frequency = plain(theta, headSize, pair);
            return frequency / factor * divided + frequency * (1 - divided);
          });
    }

    /** Where a pair turns so often in a text of the trained length. */
    private double pair(double turns, double theta, int headSize) {
      return headSize * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }
}
