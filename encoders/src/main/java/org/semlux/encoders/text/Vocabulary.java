package org.semlux.encoders.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.semlux.encoders.folder.JsonFile;

/**
 * The tokens of a {@code tokenizer.json}, spelled as the file spells them: pieces inside a word
 * with their mark, such as {@code ##s} or without {@code ▁}.
 *
 * {@snippet lang=java :
 * Vocabulary vocabulary = Vocabulary.of(JsonFile.read(Path.of("model/tokenizer.json")));
 * int id = vocabulary.ids().get("plays");
 * vocabulary.token(id); // "plays"
 * vocabulary.specialIds(); // of BERT's 0 and 100 to 103
 * }
 */
public final class Vocabulary {
  private final String[] tokens;
  private final Set<Integer> specialIds = new TreeSet<>();

  private Vocabulary(Map<Integer, String> byId, int declared) {
    int size = byId.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    tokens = new String[Math.max(size, declared)];
    byId.forEach((id, token) -> tokens[id] = token);
  }

  /**
   * Reads the model's tokens and those added to it.
   *
   * @throws IOException when the file is no tokenizer, or one beyond bounds
   */
  public static Vocabulary of(JsonFile tokenizer) throws IOException {
    TokenizerCheck.check(tokenizer);
    return ofChecked(tokenizer);
  }

  /** The same of a file that {@link TokenizerCheck} has found no fault with. */
  static Vocabulary ofChecked(JsonFile tokenizer) {
    Map<Integer, String> byId = new TreeMap<>();
    JsonElement stored = tokenizer.object().getAsJsonObject("model").get("vocab");
    if (stored.isJsonArray()) { // Unigram: [token, score] at the id's place
      for (JsonElement entry : stored.getAsJsonArray()) {
        byId.put(byId.size(), entry.getAsJsonArray().get(0).getAsString());
      }
    } else { // WordPiece and BPE
      stored.getAsJsonObject().asMap().forEach((token, id) -> byId.put(id.getAsInt(), token));
    }
    Map<String, Integer> ids = new HashMap<>();
    byId.forEach((id, token) -> ids.put(token, id));
    Set<Integer> special = new TreeSet<>();
    int declared = 0;
    JsonElement added = tokenizer.object().get("added_tokens");
    if (added != null && added.isJsonArray()) {
      int next = byId.size();
      for (JsonElement element : added.getAsJsonArray()) {
        JsonObject token = element.getAsJsonObject();
        // As the library numbers them, whatever id the file says: one that the model knows keeps
        // its own, others come behind all that are there. A file that says others is of another
        // model, as far as its ids go.
        String content = token.get("content").getAsString();
        int id = ids.computeIfAbsent(content, unknown -> -1);
        if (id < 0) {
          id = next;
          ids.put(content, id);
        }
        next = Math.max(next, id + 1);
        declared = Math.max(declared, token.get("id").getAsInt() + 1);
        byId.put(id, content);
        if (token.get("special").getAsBoolean()) {
          special.add(id);
        }
      }
    }
    Vocabulary vocabulary = new Vocabulary(byId, declared);
    vocabulary.specialIds.addAll(special);
    return vocabulary;
  }

  /** The tokens as they are spelled. */
  Stream<String> spellings() {
    return Arrays.stream(tokens).filter(Objects::nonNull);
  }

  /** The number that no id reaches. */
  public int size() {
    return tokens.length;
  }

  /** A token's spelling; {@code [id 30600]} for one that a model has and its tokenizer has not. */
  public String token(int id) {
    return id < tokens.length && tokens[id] != null ? tokens[id] : "[id " + id + "]";
  }

  /** Those that stand for no text, such as {@code [CLS]} and {@code [MASK]}. */
  public Set<Integer> specialIds() {
    return specialIds;
  }

  /** Ids by spelling, made anew. */
  public Map<String, Integer> ids() {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] != null) {
        ids.put(tokens[id], id);
      }
    }
    return ids;
  }
}
