package org.semlux.training.data;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Numbers as data files have them: labels, scores and judgements. */
final class Numbers {
  private static final Pattern NUMBER =
      Pattern.compile("\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?\\s*");

  private Numbers() {}

  /** What a cell says; empty where that is no finite number in decimal digits. */
  static OptionalDouble of(String cell) {
    if (!NUMBER.matcher(cell).matches()) { // Java itself also takes 1d, 0x1p3 and NaN
      return OptionalDouble.empty();
    }
    double number = Double.parseDouble(cell);
    return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  static boolean is(String cell) {
    return of(cell).isPresent();
  }
}
