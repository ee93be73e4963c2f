package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;

/**
 * The step of a {@code tokenizer.json} that puts special tokens around a text and a pair. In names,
 * {@code A} and {@code B} are the texts, all else are tokens.
 */
final class TemplateStep {
  /** A token's id. */
  interface Ids {
    int of(String token) throws IOException;
  }

  private TemplateStep() {}

  /** The step, of parts that {@link #parts} makes. */
  static JsonObject of(JsonArray single, JsonArray pair, List<String> tokens, Ids ids)
      throws IOException {
    JsonObject step = new JsonObject();
    step.addProperty("type", "TemplateProcessing");
    step.add("single", single);
    step.add("pair", pair);
    JsonObject special = new JsonObject();
    for (String token : tokens) {
      JsonObject entry = new JsonObject();
      entry.addProperty("id", token);
      JsonArray numbers = new JsonArray();
      numbers.add(ids.of(token));
      entry.add("ids", numbers);
      JsonArray names = new JsonArray();
      names.add(token);
      entry.add("tokens", names);
      special.add(token, entry);
    }
    step.add("special_tokens", special);
    return step;
  }

  /** Texts and tokens of one type, in their order. */
  static JsonArray parts(List<String> names, int type) {
    JsonArray parts = new JsonArray();
    for (String name : names) {
      JsonObject inner = new JsonObject();
      inner.addProperty("id", name);
      inner.addProperty("type_id", type);
      JsonObject part = new JsonObject();
      part.add(name.equals("A") || name.equals("B") ? "Sequence" : "SpecialToken", inner);
      parts.add(part);
    }
    return parts;
  }
}
