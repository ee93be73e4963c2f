package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * The special tokens that a folder's settings name, and those of its tokenizer's class where they
 * name none.
 *
 * @param settings {@code tokenizer_config.json}
 */
record SpecialTokens(TokenizerClass kind, JsonFile settings) {
  /** Describes a folder's added tokens by their ids. */
  static final String DECODER = "added_tokens_decoder";

  private static final String EXTRA = "extra_special_tokens";
  private static final String ADDITIONAL = "additional_special_tokens";
  private static final List<String> UNUSED = List.of("<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED");
  private static final int NUMBERED = 100;

  /**
   * A folder's {@code tokenizer_config.json} with the special tokens of {@code
   * special_tokens_map.json}, which counts where the config describes no tokens itself.
   */
  static JsonFile settings(Module module) throws IOException {
    JsonFile config = module.config("tokenizer_config.json");
    if (config.has(DECODER)) {
      return config;
    }
    JsonObject map = module.config("special_tokens_map.json").object();
    JsonObject merged = config.object().deepCopy();
    for (String key : TokenizerClass.SPECIAL) {
      if (map.has(key)) {
        merged.add(key, map.get(key));
        if (map.get(key) instanceof JsonObject described) {
          described.addProperty("special", true);
        }
      }
    }
    boolean lists = merged.has(EXTRA) || merged.has(ADDITIONAL);
    for (String key : List.of(EXTRA, ADDITIONAL)) {
      if (map.has(key) && !lists) {
        merged.add(key, map.get(key));
      }
    }
    return new JsonFile(config.file(), merged);
  }

  /** How a special token is spelled; empty where there is none. */
  String of(String key) throws IOException {
    if (!settings.has(key)) {
      return kind.specialTokens().getOrDefault(key, "");
    }
    return settings.object().get(key).isJsonObject()
        ? settings.getObject(key).get().requireString("content")
        : settings.requireString(key);
  }

  /** Special tokens in their order, as the tokenizer adds those that it does not know yet. */
  List<JsonObject> all() throws IOException {
    List<JsonObject> all = new ArrayList<>();
    for (String key : TokenizerClass.SPECIAL) {
      if (!of(key).isEmpty()) {
        all.add(described(key));
      }
    }
    for (String key : settings.object().keySet()) {
      if (key.endsWith("_token") && !TokenizerClass.SPECIAL.contains(key) && isToken(key)) {
        all.add(described(key));
      }
    }
    if (settings.object().get(EXTRA) instanceof JsonObject named) {
      for (Map.Entry<String, JsonElement> token : named.entrySet()) {
        all.add(AddedTokens.described(token.getValue(), true));
      }
    }
    return all;
  }

  /** Keys such as {@code add_bos_token} hold no token. */
  private boolean isToken(String key) {
    JsonElement value = settings.object().get(key);
    return value instanceof JsonObject
        || (value instanceof JsonPrimitive primitive && primitive.isString());
  }

  private JsonObject described(String key) throws IOException {
    if (settings.has(key) && settings.object().get(key).isJsonObject()) {
      return AddedTokens.described(settings.object().get(key), true);
    }
    JsonObject token = AddedTokens.plain(of(key));
    boolean mask = key.equals("mask_token");
    token.addProperty(
        "lstrip", mask && (kind == TokenizerClass.MPNET || kind == TokenizerClass.CAMEMBERT));
    token.addProperty(
        "normalized", kind == TokenizerClass.MPNET && TokenizerClass.SPECIAL.contains(key));
    return token;
  }

  /** T5's places to fill in. */
  List<String> numbered() throws IOException {
    int count = kind == TokenizerClass.T5 ? settings.getInt("extra_ids", NUMBERED) : 0;
    return IntStream.range(0, count).mapToObj(i -> "<extra_id_" + i + ">").toList();
  }

  /**
   * Tokens beside them.
   *
   * @param stored what a SentencePiece model's maker defined; null where there is no such model
   */
  List<JsonObject> extra(List<JsonObject> stored) throws IOException {
    JsonElement extra = settings.object().get(EXTRA);
    JsonElement additional = settings.object().get(ADDITIONAL);
    boolean listed = extra instanceof JsonArray list && !list.isEmpty();
    JsonElement given = additional != null && !listed ? additional : extra;
    List<JsonObject> tokens = new ArrayList<>();
    if (given == null || given.isJsonObject()) {
      if (stored != null) {
        tokens.addAll(stored);
      } else if (kind == TokenizerClass.CAMEMBERT) {
        UNUSED.forEach(token -> tokens.add(AddedTokens.plain(token)));
      }
      numbered().forEach(token -> tokens.add(AddedTokens.plain(token)));
    } else if (!given.isJsonNull()) {
      given.getAsJsonArray().forEach(token -> tokens.add(AddedTokens.described(token, true)));
    }
    return tokens;
  }
}
