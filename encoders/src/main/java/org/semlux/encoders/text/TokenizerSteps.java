package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;

/**
 * The steps that tokenizer classes build themselves, as {@code tokenizer.json} has them.
 *
 * @param settings of {@code tokenizer_config.json}
 */
record TokenizerSteps(TokenizerClass kind, JsonFile settings) {
  private static final String WORDS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
          + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String MARK = "\u2581";

  /**
   * What becomes of a text's characters.
   *
   * @param found the file's own step, of which some classes take one
   */
  JsonElement normalizer(JsonElement found) throws IOException {
    return switch (kind) {
      case BERT, MPNET -> bertNormalizer();
      case XLM_ROBERTA, CAMEMBERT, T5 -> precompiled(found);
      case ALBERT -> albertNormalizer(precompiled(found));
      case DEBERTA -> debertaNormalizer();
      case QWEN -> step("NFC");
      case GEMMA -> replace("String", " ", MARK);
      case ROBERTA, AS_IT_IS -> JsonNull.INSTANCE;
    };
  }

  private JsonObject bertNormalizer() throws IOException {
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

  private JsonObject albertNormalizer(JsonElement precompiled) throws IOException {
    List<JsonObject> steps = new ArrayList<>();
    steps.add(replace("String", "``", "\""));
    steps.add(replace("String", "''", "\""));
    if (!settings.getBoolean("keep_accents", false)) {
      steps.add(step("NFKD"));
      steps.add(step("StripAccents"));
    }
    if (settings.getBoolean("do_lower_case", true)) {
      steps.add(step("Lowercase"));
    }
    if (precompiled instanceof JsonObject map) {
      steps.add(map);
    }
    return sequence("normalizers", steps);
  }

  private JsonObject debertaNormalizer() throws IOException {
    List<JsonObject> steps = new ArrayList<>();
    if (settings.getBoolean("do_lower_case", false)) {
      steps.add(step("Lowercase"));
    }
    steps.add(replace("Regex", "\\s{2,}|[\\n\\r\\t]", " "));
    steps.add(step("NFC"));
    JsonObject strip = step("Strip");
    strip.addProperty("strip_left", false);
    strip.addProperty("strip_right", true);
    steps.add(strip);
    return sequence("normalizers", steps);
  }

  /** A file's first Precompiled normalizer, alone or in a sequence. */
  private static JsonElement precompiled(JsonElement found) {
    if (found == null || found.isJsonNull()) {
      return JsonNull.INSTANCE;
    }
    JsonObject step = found.getAsJsonObject();
    List<JsonElement> steps =
        step.has("normalizers") ? step.getAsJsonArray("normalizers").asList() : List.of(step);
    return steps.stream()
        .filter(one -> type(one.getAsJsonObject()).equals("Precompiled"))
        .findFirst()
        .orElse(JsonNull.INSTANCE);
  }

  /** How a text is cut into words. */
  JsonElement preTokenizer() throws IOException {
    return switch (kind) {
      case BERT, MPNET -> step("BertPreTokenizer");
      case ROBERTA -> bytes(true);
      case XLM_ROBERTA, CAMEMBERT, ALBERT ->
          sequence("pretokenizers", List.of(step("WhitespaceSplit"), marks(prefix(), "never")));
      case T5 -> sequence("pretokenizers", List.of(step("WhitespaceSplit"), marks(true, "")));
      case DEBERTA -> debertaWords();
      case QWEN ->
          sequence("pretokenizers", List.of(split("Regex", WORDS, "Isolated"), bytes(false)));
      case GEMMA -> split("String", " ", "MergedWithPrevious");
      case AS_IT_IS -> JsonNull.INSTANCE;
    };
  }

  private boolean prefix() throws IOException {
    return settings.getBoolean("add_prefix_space", true);
  }

  private JsonObject debertaWords() throws IOException {
    List<JsonObject> steps = new ArrayList<>();
    if (settings.getBoolean("split_by_punct", false)) {
      JsonObject punctuation = step("Punctuation");
      punctuation.addProperty("behavior", "Isolated");
      steps.add(punctuation);
    }
    steps.add(marks(prefix(), "first"));
    return sequence("pretokenizers", steps);
  }

  private JsonObject bytes(boolean regex) throws IOException {
    JsonObject bytes = step("ByteLevel");
    bytes.addProperty("add_prefix_space", settings.getBoolean("add_prefix_space", false));
    bytes.addProperty("trim_offsets", true);
    bytes.addProperty("use_regex", regex);
    return bytes;
  }

  /**
   * Words with a mark for the space before them.
   *
   * @param otherwise which have it where not all have
   */
  private static JsonObject marks(boolean always, String otherwise) {
    JsonObject metaspace = step("Metaspace");
    metaspace.addProperty("replacement", MARK);
    metaspace.addProperty("prepend_scheme", always ? "always" : otherwise);
    metaspace.addProperty("split", true);
    return metaspace;
  }

  private static JsonObject split(String pattern, String at, String behavior) {
    JsonObject split = step("Split");
    split.add("pattern", pattern(pattern, at));
    split.addProperty("behavior", behavior);
    split.addProperty("invert", false);
    return split;
  }

  private static JsonObject replace(String pattern, String from, String to) {
    JsonObject replace = step("Replace");
    replace.add("pattern", pattern(pattern, from));
    replace.addProperty("content", to);
    return replace;
  }

  private static JsonObject pattern(String type, String pattern) {
    JsonObject inner = new JsonObject();
    inner.addProperty(type, pattern);
    return inner;
  }

  private static JsonObject sequence(String key, List<JsonObject> steps) {
    JsonArray all = new JsonArray();
    steps.forEach(all::add);
    JsonObject sequence = step("Sequence");
    sequence.add(key, all);
    return sequence;
  }

  private static String type(JsonObject step) {
    return step.get("type").getAsString();
  }

  private static JsonObject step(String type) {
    JsonObject step = new JsonObject();
    step.addProperty("type", type);
    return step;
  }
}
