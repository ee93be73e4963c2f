package org.semlux.training.card;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;

/** Plain values as JSON. */
final class Json {
  private Json() {}

  /** JSON has no NaN and no infinity: both are null. What is no number or boolean is a string. */
  static JsonElement of(Object value) {
    if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue()) ? new JsonPrimitive(number) : JsonNull.INSTANCE;
    }
    return value instanceof Boolean flag
        ? new JsonPrimitive(flag)
        : new JsonPrimitive(value.toString());
  }
}
