package org.semlux.plugin.retriever;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.core.Nullable;

/**
 * The direction of a document: the mean of its chunks' vectors, each of length 1, made as long.
 *
 * @param numbers of dense vectors; empty where there are none
 * @param terms with weights, of sparse vectors; empty where there are none
 */
record MeanVector(float[] numbers, Map<String, Float> terms) {
  /**
   * @param vectors as a source holds them: lists of numbers, such lists in base 64, or objects of
   *     weights by term, in any lists and fields of chunks
   * @throws IllegalArgumentException where anything else stands there, but for a blank text: of a
   *     field that encodes its texts none is left, and another cluster's fields are not known here
   */
  static MeanVector of(List<?> vectors) {
    return new MeanVector(new float[0], new HashMap<>()).plusAll(vectors).unit();
  }

  boolean isEmpty() {
    return numbers.length == 0 && terms.isEmpty();
  }

  private MeanVector plus(@Nullable Object vector) {
    if (vector instanceof String text) {
      return text.isBlank() ? this : plus(numbers(text));
    }
    if (vector instanceof List<?> list) {
      return list.isEmpty() || !(list.get(0) instanceof Number) ? plusAll(list) : plus(array(list));
    }
    if (vector instanceof Map<?, ?> map) {
      Object inner = map.get("vector");
      return inner == null || inner instanceof Number ? plusTerms(map) : plus(inner);
    }
    if (vector != null) {
      throw new IllegalArgumentException("it holds [%s]".formatted(vector));
    }
    return this;
  }

  private MeanVector plusAll(List<?> vectors) {
    MeanVector sum = this;
    for (Object vector : vectors) {
      sum = sum.plus(vector);
    }
    return sum;
  }

  private MeanVector plusTerms(Map<?, ?> weights) {
    MeanVector one = new MeanVector(new float[0], new HashMap<>());
    weights.forEach(
        (term, weight) -> {
          if (weight instanceof Number number) {
            one.terms.put(String.valueOf(term), number.floatValue());
          }
        });
    one.unit().terms.forEach((term, weight) -> terms.merge(term, weight, Float::sum));
    return this;
  }

  private static float[] array(List<?> numbers) {
    float[] array = new float[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      if (!(numbers.get(i) instanceof Number number)) {
        throw new IllegalArgumentException("it holds a list of numbers and of something else");
      }
      array[i] = number.floatValue();
    }
    return array;
  }

  private static float[] numbers(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("it holds a text", e);
    }
    float[] numbers = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(numbers);
    boolean vector = numbers.length > 0 && bytes.length % Float.BYTES == 0;
    for (float number : numbers) {
      vector &= Float.isFinite(number);
    }
    if (!vector) {
      throw new IllegalArgumentException("it holds a text, or no vector of floats");
    }
    return numbers;
  }

  private MeanVector plus(float[] more) {
    float[] unit = new MeanVector(more, Map.of()).unit().numbers;
    if (unit.length == numbers.length) {
      for (int i = 0; i < unit.length; i++) {
        unit[i] += numbers[i];
      }
    }
    return new MeanVector(unit, terms);
  }

  private MeanVector unit() {
    double length = Math.sqrt(likeness(this));
    if (length == 0) {
      return this;
    }
    float[] unit = numbers.clone();
    for (int i = 0; i < unit.length; i++) {
      unit[i] /= (float) length;
    }
    Map<String, Float> weights = new HashMap<>();
    terms.forEach((term, weight) -> weights.put(term, (float) (weight / length)));
    return new MeanVector(unit, weights);
  }

  /** The cosine of two; 0 where one has no vector, or one of another model's size. */
  double likeness(MeanVector other) {
    double sum = 0;
    if (numbers.length == other.numbers.length) {
      for (int i = 0; i < numbers.length; i++) {
        sum += numbers[i] * other.numbers[i];
      }
    }
    boolean fewer = terms.size() <= other.terms.size();
    Map<String, Float> looked = (fewer ? other : this).terms;
    for (Map.Entry<String, Float> one : (fewer ? this : other).terms.entrySet()) {
      sum += one.getValue() * looked.getOrDefault(one.getKey(), 0f);
    }
    return sum;
  }
}
