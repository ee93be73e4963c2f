package org.semlux.plugin.model;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.function.BiConsumer;
import org.elasticsearch.xcontent.AbstractObjectParser;
import org.elasticsearch.xcontent.ObjectParser.ValueType;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.encoders.api.Excerpt;

/** Numbers that count something: Elasticsearch's own {@code declareInt} makes 1 of 1.5. */
public final class WholeNumber {
  private WholeNumber() {}

  /** Declares a field that holds an int, or a string of one. */
  public static <V> void declareInt(
      AbstractObjectParser<V, ?> parser, BiConsumer<V, Integer> argument, ParseField field) {
    parser.declareField(
        argument,
        (values, context) -> Math.toIntExact(read(values, field, Integer.MAX_VALUE)),
        field,
        ValueType.INT);
  }

  /** Declares a field that holds a long, or a string of one. */
  public static <V> void declareLong(
      AbstractObjectParser<V, ?> parser, BiConsumer<V, Long> argument, ParseField field) {
    parser.declareField(
        argument, (values, context) -> read(values, field, Long.MAX_VALUE), field, ValueType.LONG);
  }

  private static long read(XContentParser values, ParseField field, long most) throws IOException {
    String text = values.text();
    try {
      long number = new BigDecimal(text.substring(0, Math.min(40, text.length()))).longValueExact();
      if (text.length() <= 40 && number >= -most && number <= most) {
        return number;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "[%s] must be a whole number up to %s, not [%s]"
            .formatted(field.getPreferredName(), most, Excerpt.of(text)));
  }
}
