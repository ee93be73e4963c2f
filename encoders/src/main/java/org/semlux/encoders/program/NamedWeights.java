package org.semlux.encoders.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The weights that a network or a head takes, each with the name that its program fragments know it
 * by: first those that there are once, then those of each layer. A program gets them as one list
 * {@code w}. In a fragment
 *
 * <ul>
 *   <li>{@code ${w.NAME}} is a tensor, or of a module what an operator takes: {@code weight, bias},
 *       or {@code weight, None};
 *   <li>{@code ${p.NAME}} is what {@code token_product} takes: {@code place of the weight, bias};
 *   <li>{@code ${w.layers}} and {@code ${w.per_layer}} are the place where the layers begin, and
 *       how many weights each has. Names of a layer's weights count from the variable {@code o}.
 * </ul>
 *
 * {@snippet lang=java :
 * NamedWeights weights =
 *     new NamedWeights()
 *         .table("words", "embed_tokens.weight", 30_522, 384)
 *         .layers(
 *             6,
 *             (layer, number) -> layer.linear("mlp", "layers." + number + ".mlp", 384, 384, true));
 * weights.count(); // 13: a table, and six times a weight and its bias
 * weights.constants(0).get("w.words"); // "w[0]"
 * }
 */
public final class NamedWeights {
  /** One or two tensors: a weight, and the bias that a module may have. */
  private record Named(String name, boolean module, List<Parameter> tensors) {
    String taken(String place, String next) {
      return "w[" + place + "]" + (module ? ", " + bias(next) : "");
    }

    String bias(String next) {
      return tensors.size() == 2 ? "w[" + next + "]" : "None";
    }

    boolean isLike(Named other) {
      return name.equals(other.name)
          && module == other.module
          && tensors.size() == other.tensors.size();
    }
  }

  private final List<Named> once = new ArrayList<>();
  private final List<List<Named>> layers = new ArrayList<>();

  /** What a layer consists of. */
  public interface Layer {
    void addTo(NamedWeights layer, int number);
  }

  /** A single tensor. */
  public NamedWeights tensor(String name, Parameter parameter) {
    once.add(new Named(name, false, List.of(parameter)));
    return this;
  }

  /** A module: a weight, and mostly a bias. */
  public NamedWeights module(String name, Parameter weight, Optional<Parameter> bias) {
    once.add(new Named(name, true, Stream.concat(Stream.of(weight), bias.stream()).toList()));
    return this;
  }

  /** Rows that are looked up, {@code [rows, width]}. */
  public NamedWeights table(String name, String stored, long rows, long width) {
    return tensor(name, Parameter.table(stored, rows, width));
  }

  /** Any other tensor that is float32 whatever a program computes in. */
  public NamedWeights plain(String name, String stored, long... shape) {
    return tensor(name, Parameter.plain(stored, shape));
  }

  /** A norm's weight, and mostly its bias. */
  public NamedWeights norm(String name, String module, long size, boolean bias) {
    return module(
        name,
        Parameter.plain(module + ".weight", size),
        optional(bias, Parameter.plain(module + ".bias", size)));
  }

  /** A product that tokens go through. */
  public NamedWeights linear(String name, String module, long out, long in, boolean bias) {
    return joined(name, List.of(module), out, in, bias);
  }

  /** Several products of the same states as one: stored as modules, joined along what comes out. */
  public NamedWeights joined(String name, List<String> modules, long out, long in, boolean bias) {
    return module(
        name,
        new Parameter(suffixed(modules, ".weight"), Parameter.Role.LINEAR, out, in),
        optional(bias, new Parameter(suffixed(modules, ".bias"), Parameter.Role.BIAS, out)));
  }

  private static List<String> suffixed(List<String> modules, String suffix) {
    return modules.stream().map(module -> module + suffix).toList();
  }

  /** A head's product: packed, and float32 whatever a program computes in. */
  public NamedWeights exact(String name, String module, long out, long in, boolean bias) {
    return module(
        name,
        Parameter.exact(module + ".weight", out, in),
        optional(bias, Parameter.plain(module + ".bias", out)));
  }

  /** A head's product that is not packed: of few rows. */
  public NamedWeights unpacked(String name, String module, long out, long in, boolean bias) {
    return module(
        name,
        Parameter.plain(module + ".weight", out, in),
        optional(bias, Parameter.plain(module + ".bias", out)));
  }

  private static Optional<Parameter> optional(boolean there, Parameter parameter) {
    return there ? Optional.of(parameter) : Optional.empty();
  }

  /**
   * Adds layers.
   *
   * @throws IllegalArgumentException when one has other names than the first
   */
  public NamedWeights layers(int count, Layer layer) {
    for (int i = 0; i < count; i++) {
      NamedWeights own = new NamedWeights();
      layer.addTo(own, i);
      List<Named> first = layers.isEmpty() ? own.once : layers.get(0);
      for (int k = 0; k < Math.max(first.size(), own.once.size()); k++) {
        if (first.size() != own.once.size() || !first.get(k).isLike(own.once.get(k))) {
          throw new IllegalArgumentException("layer " + i + " has other weights than the first");
        }
      }
      layers.add(own.once);
    }
    return this;
  }

  /**
   * The same, each also under the name that it has among others of the same form.
   *
   * @throws IllegalArgumentException when those differ in more than what they are stored as
   */
  public NamedWeights alsoStoredAs(NamedWeights others) {
    NamedWeights all = new NamedWeights();
    all.once.addAll(alsoStoredAs(once, others.once));
    for (int i = 0; i < layers.size(); i++) {
      all.layers.add(alsoStoredAs(layers.get(i), others.layers.get(i)));
    }
    return all;
  }

  private static List<Named> alsoStoredAs(List<Named> some, List<Named> others) {
    List<Named> both = new ArrayList<>();
    for (int i = 0; i < some.size(); i++) {
      Named one = some.get(i);
      Named other = others.get(i);
      if (!one.isLike(other)) {
        throw new IllegalArgumentException(one.name + " and " + other.name + " are no pair");
      }
      List<Parameter> tensors = new ArrayList<>();
      for (int k = 0; k < one.tensors.size(); k++) {
        Parameter tensor = one.tensors.get(k);
        tensors.add(
            new Parameter(
                tensor.names(), other.tensors.get(k).names(), tensor.role(), tensor.shape()));
      }
      both.add(new Named(one.name, one.module, tensors));
    }
    return both;
  }

  /** All of them, in the program's order. */
  public List<Parameter> parameters() {
    return Stream.concat(once.stream(), layers.stream().flatMap(List::stream))
        .flatMap(named -> named.tensors.stream())
        .toList();
  }

  /** How many tensors there are. */
  public int count() {
    return parameters().size();
  }

  /**
   * What fragments write for the names.
   *
   * @param first the place in the program's list where these weights begin
   */
  public Map<String, Object> constants(int first) {
    Map<String, Object> constants = new HashMap<>();
    int place = first;
    for (Named named : once) {
      put(constants, named, Integer.toString(place), Integer.toString(place + 1));
      place += named.tensors.size();
    }
    constants.put("w.layers", place);
    int offset = 0;
    for (Named named : layers.isEmpty() ? List.<Named>of() : layers.get(0)) {
      put(constants, named, "o + " + offset, "o + " + (offset + 1));
      offset += named.tensors.size();
    }
    constants.put("w.per_layer", offset);
    return constants;
  }

  private static void put(Map<String, Object> constants, Named named, String place, String next) {
    constants.put("w." + named.name, named.taken(place, next));
    constants.put("p." + named.name, place + ", " + named.bias(next));
  }
}
