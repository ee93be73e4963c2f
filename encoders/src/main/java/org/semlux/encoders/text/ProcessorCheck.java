package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.semlux.encoders.folder.JsonFile;

/**
 * Looks through a post-processor: the library builds templates with care, and takes them from a
 * file without.
 */
final class ProcessorCheck {
  private static final int MAX_PIECES = 64;

  private ProcessorCheck() {}

  /**
   * @throws IOException naming what is wrong
   */
  static void check(JsonFile file, JsonObject processor) throws IOException {
    for (String name : List.of("sep", "cls")) {
      if (processor.has(name)) {
        TokenizerCheck.id(file, processor.getAsJsonArray(name).get(1));
      }
    }
    if (processor.has("special_tokens")) {
      int pieces = template(file, processor, "single", 0) + template(file, processor, "pair", 1);
      for (JsonElement special : processor.getAsJsonObject("special_tokens").asMap().values()) {
        pieces += special(file, special.getAsJsonObject());
      }
      TokenizerCheck.require(
          file, pieces <= MAX_PIECES, "its template has more than %s pieces", MAX_PIECES);
    }
  }

  /**
   * @param second how often the second text stands in it; the first one stands there once
   */
  private static int template(JsonFile file, JsonObject processor, String name, int second)
      throws IOException {
    JsonArray pieces = processor.getAsJsonArray(name);
    int[] texts = new int[2];
    for (JsonElement element : pieces) {
      JsonObject piece = element.getAsJsonObject();
      if (piece.has("SpecialToken")) {
        String id = piece.getAsJsonObject("SpecialToken").get("id").getAsString();
        TokenizerCheck.require(
            file,
            processor.getAsJsonObject("special_tokens").has(id),
            "its template has a special token that it does not describe");
      } else {
        String id = piece.getAsJsonObject("Sequence").get("id").getAsString();
        texts[id.equals("B") ? 1 : 0]++;
      }
    }
    TokenizerCheck.require(
        file,
        texts[0] == 1 && texts[1] == second,
        "its template \"%s\" does not hold each text once",
        name);
    return pieces.size();
  }

  private static int special(JsonFile file, JsonObject special) throws IOException {
    JsonArray ids = special.getAsJsonArray("ids");
    TokenizerCheck.require(
        file,
        ids.size() == special.getAsJsonArray("tokens").size(),
        "a special token of its template has more ids than tokens, or fewer");
    for (JsonElement id : ids) {
      TokenizerCheck.id(file, id);
    }
    return ids.size();
  }
}
