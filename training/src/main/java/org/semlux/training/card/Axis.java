package org.semlux.training.card;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear axis that begins and ends at round numbers.
 *
 * @param start its first tick
 * @param step between two ticks: 1, 2 or 5 times a power of ten
 * @param ticks how many there are, at least two
 */
record Axis(double start, double step, int ticks) {
  private static final int MOST_STEPS = 8;

  /** Where there is that much room below the smallest number, the axis begins at 0. */
  private static final double NEAR_ZERO = 0.4;

  /** An axis that holds all numbers from {@code min} to {@code max}, which may be equal. */
  static Axis of(double min, double max) {
    return of(min, max, 0);
  }

  /** The same for whole numbers, whose ticks are whole ones too. */
  static Axis ofWhole(double min, double max) {
    return of(min, max, 1);
  }

  private static Axis of(double min, double max, double smallestStep) {
    double low = min > 0 && min < NEAR_ZERO * max ? 0 : min;
    double high = max;
    if (!(high > low)) {
      double room = low == 0 ? 1 : Math.abs(low) / 2;
      low -= room;
      high += room;
    }
    double step = Math.max(smallestStep, round((high - low) / MOST_STEPS));
    double first = Math.floor(low / step + 1e-9);
    double last = Math.ceil(high / step - 1e-9);
    return new Axis(first * step, step, (int) (last - first) + 1);
  }

  /** The next larger one of 1, 2, 5, 10 ... */
  private static double round(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    for (double factor : new double[] {1, 2, 5}) {
      if (step <= factor * power * (1 + 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The place of a number: 0 at the start, 1 at the end. */
  double place(double value) {
    return (value - start) / (step * (ticks - 1));
  }

  /** All ticks in their order. */
  List<Double> values() {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < ticks; i++) {
      values.add(start + i * step);
    }
    return values;
  }

  /** A tick in as many digits as the step needs: 1,500, 0.25 or 2e-5. */
  String label(double tick) {
    if (Math.abs(tick) < step / 2) {
      return "0";
    }
    double largest = Math.max(Math.abs(start), Math.abs(start + step * (ticks - 1)));
    int exponent = (int) Math.floor(Math.log10(step) + 1e-9);
    if (largest < 1e-2 || largest >= 1e6) {
      int power = (int) Math.floor(Math.log10(largest) + 1e-9);
      double mantissa = tick / Math.pow(10, power);
      String digits =
          String.format(Locale.ROOT, "%." + Math.max(0, power - exponent) + "f", mantissa);
      return plain(digits) + "e" + power;
    }
    return String.format(Locale.ROOT, "%,." + Math.max(0, -exponent) + "f", tick);
  }

  private static String plain(String digits) {
    BigDecimal number = new BigDecimal(digits);
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
