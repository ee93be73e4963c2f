package org.semlux.training.folder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.semlux.encoders.folder.JsonFile;

/**
 * What a {@code tokenizer_config.json} tells other tools, worked out from {@code tokenizer.json}:
 * which special token has which part, and where texts are cut.
 *
 * {@snippet lang=java :
 * JsonFile tokenizer = JsonFile.read(Path.of("model/tokenizer.json"));
 * JsonObject settings = TokenizerSettings.of(tokenizer, 256);
 * JsonFile.write(Path.of("model/tokenizer_config.json"), settings, 2);
 * }
 */
public final class TokenizerSettings {
  /** Parts of special tokens, with the names that BERT's and RoBERTa's families give them. */
  private static final Map<String, List<String>> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("cls_token", List.of("[CLS]", "<s>"));
    PARTS.put("mask_token", List.of("[MASK]", "<mask>"));
    PARTS.put("pad_token", List.of("[PAD]", "<pad>"));
    PARTS.put("sep_token", List.of("[SEP]", "</s>"));
    PARTS.put("unk_token", List.of("[UNK]", "<unk>"));
  }

  private TokenizerSettings() {}

  /**
   * The settings of a tokenizer.
   *
   * @param tokenizer the parsed {@code tokenizer.json}
   * @param maxTokens where texts are cut, special tokens counted
   */
  public static JsonObject of(JsonFile tokenizer, int maxTokens) throws IOException {
    JsonObject settings = new JsonObject();
    for (Map.Entry<String, List<String>> part : PARTS.entrySet()) {
      for (String token : part.getValue()) {
        if (!settings.has(part.getKey()) && id(tokenizer, token).isPresent()) {
          settings.addProperty(part.getKey(), token);
        }
      }
    }
    JsonArray inputs = new JsonArray();
    List.of("input_ids", "token_type_ids", "attention_mask").forEach(inputs::add);
    settings.add("model_input_names", inputs);
    settings.addProperty("model_max_length", maxTokens);
    settings.addProperty("tokenizer_class", "PreTrainedTokenizerFast");
    return settings;
  }

  /** The id of the padding token. */
  public static OptionalInt paddingId(JsonFile tokenizer) throws IOException {
    for (String token : PARTS.get("pad_token")) {
      OptionalInt id = id(tokenizer, token);
      if (id.isPresent()) {
        return id;
      }
    }
    return OptionalInt.empty();
  }

  private static OptionalInt id(JsonFile tokenizer, String token) throws IOException {
    if (tokenizer.has("added_tokens") && tokenizer.object().get("added_tokens").isJsonArray()) {
      for (JsonElement element : tokenizer.object().getAsJsonArray("added_tokens")) {
        if (!element.isJsonObject()) {
          throw new IOException(tokenizer.name() + ": \"added_tokens\" is no list of objects");
        }
        JsonFile added = new JsonFile(tokenizer.file(), element.getAsJsonObject());
        if (added.requireString("content").equals(token)) {
          return OptionalInt.of(added.requireInt("id"));
        }
      }
    }
    return OptionalInt.empty();
  }
}
