package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.JsonText;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.text.TokenizerSteps.Mark;

/**
 * The {@code tokenizer.json} that a folder means. The reference takes it as it is for some of its
 * tokenizer classes; for others it takes the vocabulary alone, from whatever file holds it, and
 * what {@code tokenizer_config.json} says decides the rest.
 */
final class TokenizerFile {
  private static final String DECODER = "added_tokens_decoder";
  private static final String ADDED = "added_tokens.json";

  private static final List<String> SPECIAL =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final String model;
  private final Module module;
  private final JsonFile settings;
  private final String className;
  private final TokenizerClass kind;
  private final TokenizerSteps steps;

  private TokenizerFile(String model, Module module) throws IOException {
    this.model = model;
    this.module = module;
    settings = settings(module);
    JsonFile config = module.config("config.json");
    String named = settings.getString("tokenizer_class", config.getString("tokenizer_class", ""));
    className = TokenizerClass.name(named, config.getString("model_type", ""));
    kind = TokenizerClass.of(className);
    steps = new TokenizerSteps(settings);
  }

  /**
   * {@code tokenizer_config.json} with the special tokens of {@code special_tokens_map.json}, which
   * counts where the config describes no tokens itself.
   */
  private static JsonFile settings(Module module) throws IOException {
    JsonFile config = module.config("tokenizer_config.json");
    if (config.object().has(DECODER)) {
      return config;
    }
    JsonObject map = module.config("special_tokens_map.json").object();
    JsonObject merged = config.object().deepCopy();
    for (String key : SPECIAL) {
      if (map.has(key)) {
        merged.add(key, map.get(key));
      }
    }
    return new JsonFile(config.file(), merged);
  }

  static TokenizerFile of(String model, Module module) throws IOException {
    return new TokenizerFile(model, module);
  }

  /** Whether the second text of a pair has a type of its own. */
  boolean hasTypes() throws IOException {
    return settings.has("model_input_names")
        ? settings.requireStrings("model_input_names").contains("token_type_ids")
        : TokenizerClass.hasTypes(className);
  }

  /** What fills a query up: the mask token, else the one that ends texts; null for neither. */
  String filler() throws IOException {
    for (String key : List.of("mask_token", "eos_token")) {
      String token = token(key, kind.specialTokens().getOrDefault(key, ""));
      if (!token.isEmpty()) {
        return token;
      }
    }
    return null;
  }

  /** Whether it is a text's beginning that is cut off. */
  boolean keepsEnd(JsonFile tokenizer) throws IOException {
    String direction = "right";
    if (tokenizer.getObject("truncation").isPresent()) {
      direction = tokenizer.getObject("truncation").get().getString("direction", direction);
    }
    return settings.getString("truncation_side", direction).equalsIgnoreCase("left");
  }

  /**
   * The tokenizer as one file.
   *
   * @throws ModelException when the folder holds none
   */
  JsonFile json() throws IOException {
    Path file = module.folder().resolve("tokenizer.json");
    boolean there = Files.isRegularFile(file);
    JsonObject json = there ? JsonFile.read(file).object() : new JsonObject();
    TokenizerKeys.check(model, settings, there, addedTokens(json));
    if (!there) {
      json = made();
    }
    JsonFile read = new JsonFile(file, json);
    JsonText.look(TokenizerCheck.problem(read), () -> adapt(read.object()));
    checkAdded(read);
    return read;
  }

  /**
   * Tokens of {@code added_tokens.json}, which counts where the config describes none, are there.
   */
  private void checkAdded(JsonFile tokenizer) throws IOException {
    JsonObject added = module.config(ADDED).object();
    if (added.isEmpty() || settings.object().has(DECODER)) {
      return;
    }
    Set<String> known = Vocabulary.of(tokenizer).ids().keySet();
    for (String token : added.keySet()) {
      if (!known.contains(token)) {
        throw ModelException.of(
            model,
            "its %s has the token [%s], its tokenizer has not: save the tokenizer once with a"
                    .formatted(ADDED, ModelException.brief(token))
                + " current transformers library");
      }
    }
  }

  /** The spellings of a file's added tokens, which nobody has looked at yet. */
  private static Set<String> addedTokens(JsonObject json) {
    Set<String> spellings = new HashSet<>();
    if (json.get("added_tokens") instanceof JsonArray tokens) {
      for (JsonElement token : tokens) {
        if (token instanceof JsonObject added
            && added.get("content") instanceof JsonPrimitive content) {
          spellings.add(content.getAsString());
        }
      }
    }
    return spellings;
  }

  private JsonObject made() throws IOException {
    return SentencePieceFile.isIn(module.folder(), className)
        ? SentencePieceFile.read(model, module.folder(), className, settings)
        : new VocabularyFiles(model, module).read(kind);
  }

  private void adapt(JsonObject json) throws IOException {
    JsonObject content = json.getAsJsonObject("model");
    String type = content.has("type") ? content.get("type").getAsString() : "";
    if (!kind.modelType.isEmpty() && !kind.modelType.equals(type)) {
      throw ModelException.of(
          model,
          "its tokenizer.json holds a "
              + ModelException.brief(type)
              + " model, a "
              + className
              + " has none");
    }
    switch (kind) {
      case BERT, MPNET -> {
        content.addProperty("unk_token", token("unk_token", "[UNK]"));
        content.addProperty("continuing_subword_prefix", "##");
        content.addProperty("max_input_chars_per_word", 100);
        json.add("normalizer", steps.bertNormalizer());
        json.add("pre_tokenizer", TokenizerSteps.step("BertPreTokenizer"));
      }
      case ROBERTA -> {
        json.add("normalizer", JsonNull.INSTANCE);
        json.add("pre_tokenizer", steps.bytes());
      }
      case XLM_ROBERTA -> {
        content.addProperty("unk_id", 3);
        content.addProperty("byte_fallback", false);
        json.add("normalizer", TokenizerSteps.precompiled(json.get("normalizer")));
        json.add("pre_tokenizer", steps.wordsWithMarks());
      }
      case AS_IT_IS -> {
        // nothing to do
      }
    }
    addTokens(json, content);
    if (kind != TokenizerClass.AS_IT_IS) {
      json.add("post_processor", template(json, content));
    }
  }

  private JsonObject template(JsonObject json, JsonObject content) throws IOException {
    switch (kind) {
      case BERT -> {
        Mark cls = mark(json, content, "cls_token", "[CLS]");
        Mark sep = mark(json, content, "sep_token", "[SEP]");
        List<String> single = List.of(cls.token(), "A", sep.token());
        JsonArray pair = TokenizerSteps.pieces(single, 0);
        pair.addAll(TokenizerSteps.pieces(List.of("B", sep.token()), 1));
        return TokenizerSteps.template(single, pair, List.of(cls, sep));
      }
      case XLM_ROBERTA -> {
        Mark bos = mark(json, content, "bos_token", "<s>");
        Mark eos = mark(json, content, "eos_token", "</s>");
        String end = eos.token();
        JsonArray pair = TokenizerSteps.pieces(List.of(bos.token(), "A", end, end, "B", end), 0);
        return TokenizerSteps.template(List.of(bos.token(), "A", end), pair, List.of(bos, eos));
      }
      default -> {
        return steps.robertaTemplate(
            mark(json, content, "cls_token", "<s>"), mark(json, content, "sep_token", "</s>"));
      }
    }
  }

  private Mark mark(JsonObject json, JsonObject content, String key, String otherwise)
      throws IOException {
    String token = token(key, otherwise);
    return new Mark(token, id(json, content, token));
  }

  private int id(JsonObject json, JsonObject content, String token) throws IOException {
    for (JsonElement added : json.getAsJsonArray("added_tokens")) {
      if (added.getAsJsonObject().get("content").getAsString().equals(token)) {
        return added.getAsJsonObject().get("id").getAsInt();
      }
    }
    JsonElement vocabulary = content.get("vocab");
    JsonElement id = vocabulary.isJsonObject() ? vocabulary.getAsJsonObject().get(token) : null;
    if (id == null) {
      throw ModelException.of(
          model, "its tokenizer has no token [" + ModelException.brief(token) + "]");
    }
    return id.getAsInt();
  }

  /** A special token, which a config spells out or describes. */
  private String token(String key, String otherwise) throws IOException {
    return settings.has(key) && settings.object().get(key).isJsonObject()
        ? settings.getObject(key).get().requireString("content")
        : settings.getString(key, otherwise);
  }

  /** Special tokens that a config names are found in a text, if the vocabulary has them. */
  private void addTokens(JsonObject json, JsonObject content) throws IOException {
    if (!json.has("added_tokens") || !json.get("added_tokens").isJsonArray()) {
      json.add("added_tokens", new JsonArray());
    }
    if (!content.get("vocab").isJsonObject()) {
      return; // Unigram's files list their special tokens themselves
    }
    JsonArray added = json.getAsJsonArray("added_tokens");
    for (Map.Entry<String, String> special : kind.specialTokens().entrySet()) {
      String token = token(special.getKey(), special.getValue());
      boolean there =
          added.asList().stream()
              .anyMatch(a -> a.getAsJsonObject().get("content").getAsString().equals(token));
      JsonElement id = content.getAsJsonObject("vocab").get(token);
      if (!there && id != null && !token.isEmpty()) {
        added.add(added(special.getKey(), token, id));
      }
    }
  }

  private JsonObject added(String key, String token, JsonElement id) throws IOException {
    JsonFile described =
        settings.has(key) && settings.object().get(key).isJsonObject()
            ? settings.getObject(key).get()
            : new JsonFile(settings.file(), new JsonObject());
    JsonObject added = new JsonObject();
    added.add("id", id);
    added.addProperty("content", token);
    added.addProperty("special", true);
    boolean eatsSpace = kind == TokenizerClass.MPNET && key.equals("mask_token");
    added.addProperty("lstrip", described.getBoolean("lstrip", eatsSpace));
    for (String flag : List.of("rstrip", "single_word", "normalized")) {
      added.addProperty(flag, described.getBoolean(flag, false));
    }
    return added;
  }
}
