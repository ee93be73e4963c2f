package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;

/**
 * The steps that tokenizer classes build themselves, as {@code tokenizer.json} has them.
 *
 * @param settings of {@code tokenizer_config.json}
 */
record TokenizerSteps(JsonFile settings) {
  JsonObject bertNormalizer() throws IOException {
    JsonObject normalizer = step("BertNormalizer");
    normalizer.addProperty("clean_text", true);
    normalizer.addProperty(
        "handle_chinese_chars", settings.getBoolean("tokenize_chinese_chars", true));
    normalizer.add(
        "strip_accents",
        settings.has("strip_accents") ? settings.object().get("strip_accents") : JsonNull.INSTANCE);
    normalizer.addProperty("lowercase", settings.getBoolean("do_lower_case", true));
    return normalizer;
  }

  JsonObject bytes() throws IOException {
    JsonObject bytes = step("ByteLevel");
    bytes.addProperty("add_prefix_space", settings.getBoolean("add_prefix_space", false));
    bytes.addProperty("trim_offsets", true);
    bytes.addProperty("use_regex", true);
    return bytes;
  }

  /** The first Precompiled normalizer of a file; null where it has none. */
  static JsonObject precompiled(JsonElement normalizer) {
    if (normalizer == null || normalizer.isJsonNull()) {
      return null;
    }
    JsonObject step = normalizer.getAsJsonObject();
    if (step.has("normalizers")) {
      for (JsonElement child : step.getAsJsonArray("normalizers")) {
        JsonObject found = precompiled(child);
        if (found != null) {
          return found;
        }
      }
    }
    return step.get("type").getAsString().equals("Precompiled") ? step : null;
  }

  JsonObject wordsWithMarks() throws IOException {
    JsonObject metaspace = step("Metaspace");
    metaspace.addProperty("replacement", "\u2581");
    metaspace.addProperty(
        "prepend_scheme", settings.getBoolean("add_prefix_space", true) ? "always" : "never");
    metaspace.addProperty("split", true);
    JsonArray steps = new JsonArray();
    steps.add(step("WhitespaceSplit"));
    steps.add(metaspace);
    JsonObject sequence = step("Sequence");
    sequence.add("pretokenizers", steps);
    return sequence;
  }

  /** A special token and its id. */
  record Mark(String token, int id) {}

  /**
   * Where special tokens go.
   *
   * @param single tokens around a text, which stands as {@code A} among them
   * @param pair the same of two texts, {@code A} and {@code B}
   */
  static JsonObject template(List<String> single, JsonArray pair, List<Mark> marks) {
    JsonObject template = step("TemplateProcessing");
    template.add("single", pieces(single, 0));
    template.add("pair", pair);
    JsonObject special = new JsonObject();
    for (Mark mark : marks) {
      JsonObject entry = new JsonObject();
      entry.addProperty("id", mark.token);
      JsonArray ids = new JsonArray();
      ids.add(mark.id);
      entry.add("ids", ids);
      JsonArray tokens = new JsonArray();
      tokens.add(mark.token);
      entry.add("tokens", tokens);
      special.add(mark.token, entry);
    }
    template.add("special_tokens", special);
    return template;
  }

  static JsonArray pieces(List<String> names, int type) {
    JsonArray pieces = new JsonArray();
    for (String name : names) {
      JsonObject inner = new JsonObject();
      inner.addProperty("id", name);
      inner.addProperty("type_id", type);
      JsonObject piece = new JsonObject();
      piece.add(name.equals("A") || name.equals("B") ? "Sequence" : "SpecialToken", inner);
      pieces.add(piece);
    }
    return pieces;
  }

  JsonObject robertaTemplate(Mark cls, Mark sep) throws IOException {
    JsonObject template = step("RobertaProcessing");
    template.add("cls", pair(cls));
    template.add("sep", pair(sep));
    template.addProperty("trim_offsets", true);
    template.addProperty("add_prefix_space", settings.getBoolean("add_prefix_space", false));
    return template;
  }

  private static JsonArray pair(Mark mark) {
    JsonArray pair = new JsonArray();
    pair.add(mark.token);
    pair.add(mark.id);
    return pair;
  }

  static JsonObject step(String type) {
    JsonObject step = new JsonObject();
    step.addProperty("type", type);
    return step;
  }
}
