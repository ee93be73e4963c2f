package org.semlux.plugin.rescore;

import java.util.List;
import java.util.Map;

/** The text of a document, put together from its fields. */
public final class FieldText {
  private final StringBuilder text = new StringBuilder();

  /**
   * Adds a field's values, each on a line of its own.
   *
   * @param values as a search returns them, numbers and dates as it shows them; none when the field
   *     is missing
   * @throws IllegalArgumentException when the field holds what has no string form, such as vectors
   */
  public FieldText add(String field, List<Object> values) {
    for (Object value : values) {
      if (!(value instanceof CharSequence || value instanceof Number || value instanceof Boolean)) {
        throw new IllegalArgumentException(
            "field ["
                + field
                + "] holds no text but "
                + (value instanceof Map
                    ? "an object"
                    : value instanceof List ? "a list" : "a value")
                + ": a cross-encoder reads texts, keywords, numbers, dates and booleans");
      }
      String part = value.toString();
      if (!part.isBlank()) {
        text.append(text.isEmpty() ? "" : "\n").append(part);
      }
    }
    return this;
  }

  /** All that was added; empty where there was nothing but white space. */
  @Override
  public String toString() {
    return text.toString();
  }
}
