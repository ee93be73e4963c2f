package org.semlux.training.card;

import java.math.BigDecimal;
import java.util.Locale;

/** Numbers as cards and reports show them. */
final class Figures {
  private static final double MINUTE = 60;
  private static final double HOUR = 3600;
  private static final double DAY = 86_400;

  private Figures() {}

  /** Four digits after the point, as the reference's cards have it; "-" for what there is not. */
  static String fourDigits(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  /** A setting as somebody would type it: 5e-05 and not 5.0E-5. */
  static String setting(Object value) {
    if (!(value instanceof Double) && !(value instanceof Float)) {
      return value.toString();
    }
    String text = value.toString();
    int exponent = text.indexOf('E');
    if (exponent < 0) {
      return text;
    }
    String digits =
        new BigDecimal(text.substring(0, exponent)).stripTrailingZeros().toPlainString();
    return String.format(
        Locale.ROOT, "%se%+03d", digits, Integer.parseInt(text.substring(exponent + 1)));
  }

  /** A span of time, such as {@code 1.6 hours}. */
  static String duration(double seconds) {
    if (seconds < MINUTE) {
      return String.format(Locale.ROOT, "%.1f seconds", seconds);
    }
    if (seconds < HOUR) {
      return String.format(Locale.ROOT, "%.1f minutes", seconds / MINUTE);
    }
    return seconds < DAY
        ? String.format(Locale.ROOT, "%.1f hours", seconds / HOUR)
        : String.format(Locale.ROOT, "%.1f days", seconds / DAY);
  }
}
