package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.semlux.encoders.api.ModelException;

/**
 * The step that a tokenizer class puts special tokens around a text and a pair with, as {@code
 * tokenizer.json} has it. In names, {@code A} and {@code B} are the texts, all else are tokens.
 */
final class TemplateStep {
  private final String model;
  private final JsonObject tokenizer;
  private final JsonObject special = new JsonObject();

  private TemplateStep(String model, JsonObject tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * The step of a class that makes its own.
   *
   * @param tokenizer {@code tokenizer.json} with its model and added tokens
   * @throws ModelException when it lacks a token
   */
  static JsonElement of(String model, SpecialTokens tokens, JsonObject tokenizer)
      throws IOException {
    TemplateStep step = new TemplateStep(model, tokenizer);
    return switch (tokens.kind()) {
      case BERT, DEBERTA -> step.typed(tokens.of("cls_token"), tokens.of("sep_token"));
      case ALBERT -> {
        step.name("[CLS]", step.id(tokens.of("cls_token")));
        step.name("[SEP]", step.id(tokens.of("sep_token")));
        yield step.typed("[CLS]", "[SEP]");
      }
      case MPNET, ROBERTA -> step.untyped(tokens.of("cls_token"), tokens.of("sep_token"));
      case XLM_ROBERTA, CAMEMBERT -> step.untyped(tokens.of("bos_token"), tokens.of("eos_token"));
      case T5 -> {
        step.name("</s>", step.id(tokens.of("eos_token")));
        yield step.of(
            step.parts(List.of("A", "</s>"), 0), step.parts(List.of("A", "</s>", "B", "</s>"), 0));
      }
      case QWEN, GEMMA, AS_IT_IS -> tokenizer.get("post_processor");
    };
  }

  /** The second text of a pair has a type of its own. */
  private JsonObject typed(String begin, String end) throws IOException {
    JsonArray pair = parts(List.of(begin, "A", end), 0);
    pair.addAll(parts(List.of("B", end), 1));
    return of(parts(List.of(begin, "A", end), 0), pair);
  }

  private JsonObject untyped(String begin, String end) throws IOException {
    return of(
        parts(List.of(begin, "A", end), 0), parts(List.of(begin, "A", end, end, "B", end), 0));
  }

  private JsonObject of(JsonArray single, JsonArray pair) {
    JsonObject step = new JsonObject();
    step.addProperty("type", "TemplateProcessing");
    step.add("single", single);
    step.add("pair", pair);
    step.add("special_tokens", special);
    return step;
  }

  private JsonArray parts(List<String> names, int type) throws IOException {
    JsonArray parts = new JsonArray();
    for (String name : names) {
      boolean text = name.equals("A") || name.equals("B");
      if (!text && !special.has(name)) {
        name(name, id(name));
      }
      JsonObject inner = new JsonObject();
      inner.addProperty("id", name);
      inner.addProperty("type_id", type);
      JsonObject part = new JsonObject();
      part.add(text ? "Sequence" : "SpecialToken", inner);
      parts.add(part);
    }
    return parts;
  }

  private void name(String token, int id) {
    JsonArray ids = new JsonArray();
    ids.add(id);
    JsonArray names = new JsonArray();
    names.add(token);
    JsonObject entry = new JsonObject();
    entry.addProperty("id", token);
    entry.add("ids", ids);
    entry.add("tokens", names);
    special.add(token, entry);
  }

  /** All special tokens are among the added ones. */
  private int id(String token) throws IOException {
    if (token.isEmpty()) {
      throw ModelException.of(
          model,
          "its settings say null for a token that its tokenizer's class puts around texts: name it"
              + " in tokenizer_config.json");
    }
    for (JsonElement added : tokenizer.getAsJsonArray("added_tokens")) {
      if (added.getAsJsonObject().get("content").getAsString().equals(token)) {
        return added.getAsJsonObject().get("id").getAsInt();
      }
    }
    throw ModelException.of(
        model, "its tokenizer has no token [" + ModelException.brief(token) + "]");
  }
}
