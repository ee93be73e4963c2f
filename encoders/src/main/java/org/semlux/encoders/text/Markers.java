package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.folder.JsonFile;

/**
 * Tokens that a model of PyLate's or Stanford's puts before its texts: ids once, which a text's
 * tokenizer would take apart. They become special tokens where it does, as the reference has it.
 */
final class Markers {
  private Markers() {}

  /**
   * Loads a tokenizer that reads each marker as one token; those that its vocabulary has not, with
   * their blank or without, are text like any other.
   */
  static FastTokenizer load(JsonFile file, FastTokenizer.Options options, List<String> markers)
      throws IOException {
    Map<String, Integer> ids = Vocabulary.ofChecked(file).ids();
    List<String> known = markers.stream().flatMap(marker -> known(marker, ids).stream()).toList();
    FastTokenizer tokenizer = FastTokenizer.load(file, options);
    List<String> taken = List.of(); // apart
    boolean looked = false;
    try {
      taken =
          known.stream().filter(marker -> !isWhole(tokenizer, marker, ids.get(marker))).toList();
      looked = true;
    } finally {
      if (!looked || !taken.isEmpty()) {
        tokenizer.close();
      }
    }
    taken.forEach(marker -> register(file.object(), marker, ids.get(marker)));
    return taken.isEmpty() ? tokenizer : FastTokenizer.load(file, options);
  }

  private static Optional<String> known(String marker, Map<String, Integer> ids) {
    if (marker.isBlank()) {
      return Optional.empty();
    }
    String word = marker.strip().split("\\s", 2)[0];
    return List.of(marker, word).stream().filter(ids::containsKey).findFirst();
  }

  private static boolean isWhole(FastTokenizer tokenizer, String marker, int id) {
    return Arrays.equals(tokenizer.ids(marker, Integer.MAX_VALUE), new int[] {id});
  }

  private static void register(JsonObject json, String marker, int id) {
    if (!json.has("added_tokens") || !json.get("added_tokens").isJsonArray()) {
      json.add("added_tokens", new JsonArray());
    }
    JsonArray added = json.getAsJsonArray("added_tokens");
    JsonObject token = new JsonObject();
    token.addProperty("id", id);
    token.addProperty("content", marker);
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      token.addProperty(flag, false);
    }
    token.addProperty("special", true);
    for (int i = 0; i < added.size(); i++) {
      JsonElement content = added.get(i).getAsJsonObject().get("content");
      if (content.getAsString().equals(marker)) {
        added.set(i, token);
        return;
      }
    }
    added.add(token);
  }
}
