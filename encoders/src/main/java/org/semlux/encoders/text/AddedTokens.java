package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.semlux.encoders.folder.JsonFile;

/**
 * The tokens that are found in a text before its words are, as the reference collects them: those
 * that a folder's files describe, then special tokens that are not among them.
 */
final class AddedTokens {
  private final Map<String, JsonObject> tokens = new LinkedHashMap<>();

  private AddedTokens() {}

  /**
   * Puts a folder's added tokens into its tokenizer, where they get the ids that the library gives
   * them: one that the vocabulary has keeps its own, others come behind.
   *
   * @param tokenizer {@code tokenizer.json} with the steps and the model of its class
   * @param older {@code added_tokens.json}, tokens with their ids
   * @param stored what a SentencePiece model's maker defined; null where there is no such model
   */
  static void complete(
      JsonFile tokenizer, SpecialTokens special, JsonObject older, List<JsonObject> stored)
      throws IOException {
    JsonElement found = tokenizer.object().get("added_tokens");
    JsonArray written = found instanceof JsonArray list ? list : new JsonArray();
    AddedTokens added = new AddedTokens();
    if (special.kind() == TokenizerClass.AS_IT_IS) {
      written.forEach(token -> added.put(token.getAsJsonObject()));
    }
    described(special, older, written).values().forEach(added::put);
    Set<String> known = Set.copyOf(added.tokens.keySet());
    List<JsonObject> all = special.all();
    all.addAll(special.extra(stored));
    for (JsonObject token : all) {
      if (!known.contains(content(token))) {
        added.put(token);
      }
    }
    if (special.kind() == TokenizerClass.QWEN) {
      all.forEach(token -> added.put(plain(content(token))));
    }
    added.write(tokenizer);
  }

  /** Tokens by the ids that the files say, which are their order and nothing else. */
  private static Map<Integer, JsonObject> described(
      SpecialTokens special, JsonObject older, JsonArray written) throws IOException {
    Map<Integer, JsonObject> byId = new TreeMap<>();
    JsonFile settings = special.settings();
    Set<String> named = special.named();
    if (settings.has(SpecialTokens.DECODER)) {
      JsonObject decoder = settings.requireObject(SpecialTokens.DECODER).object();
      for (Map.Entry<String, JsonElement> token : decoder.entrySet()) {
        byId.put(Integer.valueOf(token.getKey()), described(token.getValue(), named));
      }
      return byId;
    }
    Set<String> spelled = special.spelled();
    for (Map.Entry<String, JsonElement> token : older.entrySet()) {
      JsonObject one = plain(token.getKey());
      boolean known = spelled.contains(token.getKey());
      one.addProperty("special", known || named.contains(token.getKey()));
      one.addProperty("normalized", !known);
      byId.put(token.getValue().getAsInt(), one);
    }
    for (JsonElement token : written) {
      byId.put(token.getAsJsonObject().get("id").getAsInt(), described(token, named));
    }
    return byId;
  }

  /**
   * A token that a file spells or describes where it may have a name.
   *
   * @param named tokens that are special, whatever a file says of them
   */
  static JsonObject described(JsonElement given, Set<String> named) {
    return described(given, given instanceof JsonObject object && named.contains(content(object)));
  }

  /** A token that stands for no text and eats no space. */
  static JsonObject plain(String content) {
    JsonObject token = new JsonObject();
    token.addProperty("content", content);
    token.addProperty("special", true);
    for (String flag : List.of("lstrip", "rstrip", "single_word", "normalized")) {
      token.addProperty(flag, false);
    }
    return token;
  }

  /**
   * A token that a file spells or describes, with all its flags. Where none is given, words are
   * looked for in the text as it is normalized, and special tokens in the text itself.
   *
   * @param special whether its place makes it special, whatever it says
   */
  static JsonObject described(JsonElement given, boolean special) {
    if (given.isJsonPrimitive()) {
      return plain(given.getAsString());
    }
    JsonObject from = given.getAsJsonObject();
    JsonObject token = plain(content(from));
    boolean all = special || (from.has("special") && from.get("special").getAsBoolean());
    token.addProperty("special", all);
    token.addProperty("normalized", !all);
    for (String flag : List.of("lstrip", "rstrip", "single_word", "normalized")) {
      if (from.has(flag)) {
        token.addProperty(flag, from.get(flag).getAsBoolean());
      }
    }
    return token;
  }

  static String content(JsonObject token) {
    return token.get("content").getAsString();
  }

  private void put(JsonObject token) {
    JsonObject copy = token.deepCopy();
    JsonObject before = tokens.get(content(token));
    copy.add("id", before == null ? token.get("id") : before.get("id"));
    tokens.put(content(token), copy);
  }

  private void write(JsonFile tokenizer) throws IOException {
    JsonArray added = new JsonArray();
    List<JsonObject> unnumbered = new ArrayList<>();
    for (JsonObject token : tokens.values()) {
      if (token.get("id").isJsonNull()) {
        token.addProperty("id", 0);
        unnumbered.add(token);
      }
      added.add(token);
    }
    tokenizer.object().add("added_tokens", added);
    if (!unnumbered.isEmpty()) {
      Map<String, Integer> ids = Vocabulary.of(tokenizer).ids();
      unnumbered.forEach(token -> token.addProperty("id", ids.get(content(token))));
    }
  }
}
