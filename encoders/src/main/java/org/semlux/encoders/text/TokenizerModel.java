package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import org.semlux.encoders.api.ModelException;

/**
 * The model that a tokenizer class makes of a file's vocabulary and merges, and of nothing else.
 */
record TokenizerModel(String model, String className, SpecialTokens special) {
  /**
   * The class's model.
   *
   * @param json {@code tokenizer.json}
   * @throws ModelException when its model is of another type
   */
  JsonObject of(JsonObject json) throws IOException {
    TokenizerClass kind = special.kind();
    JsonObject from = json.getAsJsonObject("model");
    String type = from.has("type") ? from.get("type").getAsString() : kind.modelType;
    boolean listed = from.get("vocab").isJsonArray();
    if (!type.equals(kind.modelType) || listed != type.equals("Unigram")) {
      throw ModelException.of(
          model,
          "its tokenizer.json holds a %s model, a %s has none"
              .formatted(ModelException.brief(type), className));
    }
    JsonObject made = new JsonObject();
    made.addProperty("type", type);
    made.add("vocab", from.get("vocab"));
    switch (kind) {
      case BERT, MPNET -> {
        made.addProperty("unk_token", special.of("unk_token"));
        made.addProperty("continuing_subword_prefix", "##");
        made.addProperty("max_input_chars_per_word", 100);
      }
      case ROBERTA, QWEN, GEMMA -> addMerges(made, from.get("merges"));
      default -> {
        made.addProperty("unk_id", unknown(made.getAsJsonArray("vocab")));
        made.addProperty("byte_fallback", false);
      }
    }
    return made;
  }

  private void addMerges(JsonObject made, JsonElement merges) throws IOException {
    boolean gemma = special.kind() == TokenizerClass.GEMMA;
    made.add("merges", merges);
    made.add("dropout", JsonNull.INSTANCE);
    made.add("unk_token", JsonNull.INSTANCE);
    if (gemma) {
      made.addProperty("unk_token", special.of("unk_token"));
    }
    for (String affix : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
      made.addProperty(affix, "");
    }
    made.addProperty("fuse_unk", gemma);
    made.addProperty("byte_fallback", gemma);
    made.addProperty("ignore_merges", false);
  }

  /** Where the piece of unknown characters stands. */
  private int unknown(JsonArray vocabulary) throws IOException {
    return switch (special.kind()) {
      case XLM_ROBERTA -> 3;
      case T5 -> 2;
      case CAMEMBERT -> Math.max(0, place(vocabulary, false));
      case DEBERTA -> {
        int place = place(vocabulary, true);
        yield place < 0 ? special.settings().getInt("unk_id", 1) : place;
      }
      default -> 1;
    };
  }

  private int place(JsonArray vocabulary, boolean unscored) throws IOException {
    String token = special.of("unk_token");
    for (int i = 0; i < vocabulary.size(); i++) {
      JsonArray piece = vocabulary.get(i).getAsJsonArray();
      boolean counts = !unscored || piece.get(1).getAsDouble() == 0;
      if (counts && piece.get(0).getAsString().equals(token)) {
        return i;
      }
    }
    return -1;
  }
}
