package org.semlux.encoders.text;

import static java.util.stream.Collectors.toSet;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.JsonFile;

/**
 * The special tokens that a folder's settings name, and those of its tokenizer's class where they
 * name none.
 *
 * @param settings what {@link TokenizerFile} makes of {@code tokenizer_config.json}
 */
record SpecialTokens(TokenizerClass kind, JsonFile settings) {
  /** Describes a folder's added tokens by their ids. */
  static final String DECODER = "added_tokens_decoder";

  /** Tokens without a name; {@link #ADDITIONAL} is what they were called before. */
  static final String EXTRA = "extra_special_tokens";

  static final String ADDITIONAL = "additional_special_tokens";

  /** Tokens by names of the model's own. */
  static final String NAMED = "model_specific_special_tokens";

  private static final List<String> UNUSED = List.of("<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED");
  private static final String BLANK = "<extra_id_";
  private static final int NUMBERED = 100;

  /** How a special token is spelled; empty where there is none, or the settings say null. */
  String of(String key) throws IOException {
    if (!settings.object().has(key)) {
      return kind.specialTokens().getOrDefault(key, "");
    }
    if (!settings.has(key)) {
      return "";
    }
    return settings.object().get(key).isJsonObject()
        ? settings.requireObject(key).requireString("content")
        : settings.requireString(key);
  }

  /** Those with a name, in their order, as the tokenizer adds those that it does not know yet. */
  List<JsonObject> all() throws IOException {
    List<JsonObject> all = new ArrayList<>();
    for (String key : TokenizerClass.SPECIAL) {
      if (!of(key).isEmpty()) {
        all.add(described(key));
      }
    }
    Map<String, JsonElement> own = new LinkedHashMap<>();
    settings
        .object()
        .asMap()
        .forEach(
            (key, value) -> {
              if (isOwn(key, value)) {
                own.put(key, value);
              }
            });
    settings.getObject(NAMED).ifPresent(named -> own.putAll(named.object().asMap()));
    own.values().forEach(token -> all.add(AddedTokens.described(token, true)));
    return all;
  }

  /** How those are spelled. */
  Set<String> named() throws IOException {
    return all().stream().map(AddedTokens::content).collect(toSet());
  }

  /**
   * Whether it is a token that the model alone has; keys such as {@code add_bos_token} are none.
   */
  static boolean isOwn(String key, JsonElement value) {
    return key.endsWith("_token")
        && !TokenizerClass.SPECIAL.contains(key)
        && (value.isJsonObject()
            || (value instanceof JsonPrimitive primitive && primitive.isString()));
  }

  private JsonObject described(String key) throws IOException {
    if (settings.has(key) && settings.object().get(key).isJsonObject()) {
      return AddedTokens.described(settings.object().get(key), true);
    }
    JsonObject token = AddedTokens.plain(of(key));
    boolean mask = key.equals("mask_token");
    token.addProperty(
        "lstrip", mask && (kind == TokenizerClass.MPNET || kind == TokenizerClass.CAMEMBERT));
    return token;
  }

  /**
   * Names that make tokens of {@code added_tokens.json} special before they are: those in the
   * settings, of which the reference knows no token that {@code tokenizer_config.json} describes by
   * an object.
   */
  Set<String> spelled() {
    List<JsonElement> given = new ArrayList<>();
    TokenizerClass.SPECIAL.forEach(key -> given.add(settings.object().get(key)));
    if (settings.object().get(EXTRA) instanceof JsonArray extra) {
      given.addAll(extra.asList());
    }
    Set<String> spelled = new HashSet<>();
    for (JsonElement token : given) {
      if (token instanceof JsonPrimitive) {
        spelled.add(token.getAsString());
      } else if (token instanceof JsonObject object && !object.has("__type")) {
        spelled.add(object.get("content").getAsString());
      }
    }
    return spelled;
  }

  /** T5's places to fill in. */
  List<String> numbered() throws IOException {
    int count =
        kind == TokenizerClass.T5
            ? settings.getInt("extra_ids", NUMBERED, 0, TokenizerCheck.MAX_ADDED_TOKENS)
            : 0;
    return IntStream.range(0, count).mapToObj(i -> BLANK + i + ">").toList();
  }

  /**
   * Tokens without a name. The class's own, and what it takes for them, count where the settings do
   * not say {@link #EXTRA}, be it null.
   *
   * @param stored what a SentencePiece model's maker defined; null where there is no such model
   */
  List<JsonObject> extra(List<JsonObject> stored) throws IOException {
    List<JsonObject> tokens = new ArrayList<>();
    if (settings.object().has(EXTRA)) {
      addAll(settings.object().get(EXTRA), tokens);
      return tokens;
    }
    if (stored != null) {
      tokens.addAll(stored);
    } else if (settings.has(ADDITIONAL)) {
      addAll(settings.object().get(ADDITIONAL), tokens);
    } else if (kind == TokenizerClass.CAMEMBERT) {
      UNUSED.forEach(token -> tokens.add(AddedTokens.plain(token)));
    }
    if (tokens.stream().noneMatch(token -> token.get("content").getAsString().contains(BLANK))) {
      numbered().forEach(token -> tokens.add(AddedTokens.plain(token)));
    }
    return tokens;
  }

  /** A text is special here; an object is if it says so, or has a name beside. */
  private void addAll(JsonElement given, List<JsonObject> tokens) throws IOException {
    Set<String> named = named();
    if (!given.isJsonNull()) {
      given.getAsJsonArray().forEach(token -> tokens.add(AddedTokens.described(token, named)));
    }
  }
}
