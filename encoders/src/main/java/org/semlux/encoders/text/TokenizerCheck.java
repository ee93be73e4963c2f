package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.JsonText;

/**
 * Looks through a {@code tokenizer.json} before the native library does, which ends the process
 * over some files and takes minutes or all memory over others. Bounds are far above those of
 * published tokenizers.
 */
final class TokenizerCheck {
  /** Ids begin at 0 and have few gaps; the largest vocabularies have 262,144. */
  static final int MAX_IDS = 1 << 22;

  static final int MAX_ADDED_TOKENS = 1 << 14;
  private static final int MAX_TOKEN_LENGTH = 2_048;
  private static final int MAX_WORD_LENGTH = 256;
  private static final int MAX_STEPS = 64;

  /** How much longer normalizers may make a text altogether. */
  private static final int MAX_GROWTH = 64;

  private final JsonFile file;
  private long growth = 1;

  private TokenizerCheck(JsonFile file) {
    this.file = file;
  }

  /**
   * @throws IOException naming what is wrong
   */
  static void check(JsonFile file) throws IOException {
    JsonText.look(problem(file), new TokenizerCheck(file)::all);
  }

  /** The message where values of the file are of other types than a tokenizer's. */
  static String problem(JsonFile file) {
    return file.name() + " is no tokenizer as the library writes them";
  }

  private void all() throws IOException {
    JsonObject json = file.object();
    model(json.getAsJsonObject("model"));
    List<JsonObject> steps = new ArrayList<>();
    collect(json.get("normalizer"), steps);
    collect(json.get("pre_tokenizer"), steps);
    require(steps.size() <= MAX_STEPS, "it has more than %s steps before its model", MAX_STEPS);
    for (JsonObject step : steps) {
      step(step);
    }
    List<JsonObject> processors = new ArrayList<>();
    collect(json.get("post_processor"), processors);
    require(processors.size() <= MAX_STEPS, "it has more than %s post-processors", MAX_STEPS);
    for (JsonObject processor : processors) {
      ProcessorCheck.check(file, processor);
    }
    added(json.get("added_tokens"));
  }

  private void require(boolean holds, String otherwise, Object... arguments) throws IOException {
    require(file, holds, otherwise, arguments);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  static void require(JsonFile file, boolean holds, String otherwise, Object... arguments)
      throws IOException {
    if (!holds) {
      throw new ModelFileException(file.name() + ": " + otherwise.formatted(arguments));
    }
  }

  private void model(JsonObject model) throws IOException {
    JsonElement vocabulary = model.get("vocab");
    if (vocabulary.isJsonArray()) {
      require(vocabulary.getAsJsonArray().size() <= MAX_IDS, "more than %s tokens", MAX_IDS);
      for (JsonElement entry : vocabulary.getAsJsonArray()) {
        token(entry.getAsJsonArray().get(0).getAsString());
      }
    } else {
      for (Map.Entry<String, JsonElement> entry : vocabulary.getAsJsonObject().entrySet()) {
        token(entry.getKey());
        id(entry.getValue());
      }
    }
    JsonElement longest = model.get("max_input_chars_per_word");
    require(
        isNull(longest) || longest.getAsInt() <= MAX_WORD_LENGTH,
        "max_input_chars_per_word is %s, at most %s can be read",
        longest,
        MAX_WORD_LENGTH);
    JsonElement unknown = model.get("unk_token");
    if (vocabulary.isJsonObject() && !isNull(unknown) && !model.has("merges")) {
      require(
          vocabulary.getAsJsonObject().has(unknown.getAsString()),
          "its vocabulary lacks the token [%s], which stands for unknown words",
          ModelException.brief(unknown.getAsString()));
    }
    merges(model);
    JsonElement dropout = model.get("dropout");
    require(
        isNull(dropout) || dropout.getAsDouble() == 0,
        "its dropout is %s: it would read a text in another way each time",
        dropout);
  }

  /** The library cuts the prefix off whatever is merged to a token. */
  private void merges(JsonObject model) throws IOException {
    JsonElement prefix = model.get("continuing_subword_prefix");
    if (isNull(prefix) || isNull(model.get("merges"))) {
      return;
    }
    for (JsonElement merge : model.getAsJsonArray("merges")) {
      String second =
          merge.isJsonArray()
              ? merge.getAsJsonArray().get(1).getAsString()
              : merge.getAsString().substring(merge.getAsString().indexOf(' ') + 1);
      require(
          second.startsWith(prefix.getAsString()),
          "it merges [%s], which does not begin with its prefix",
          ModelException.brief(second));
    }
  }

  private void token(String token) throws IOException {
    require(token.length() <= MAX_TOKEN_LENGTH, "it has a token of %s characters", token.length());
  }

  private void id(JsonElement id) throws IOException {
    id(file, id);
  }

  static void id(JsonFile file, JsonElement id) throws IOException {
    double number = id.getAsDouble();
    require(
        file,
        number >= 0 && number < MAX_IDS && number == Math.rint(number),
        "it has a token with the id %s, ids are 0 to %s",
        ModelException.brief(id.toString()),
        MAX_IDS - 1);
  }

  private void added(JsonElement added) throws IOException {
    if (isNull(added)) {
      return;
    }
    JsonArray tokens = added.getAsJsonArray();
    require(
        tokens.size() <= MAX_ADDED_TOKENS,
        "it has %s added tokens, at most %s can be read",
        tokens.size(),
        MAX_ADDED_TOKENS);
    for (JsonElement element : tokens) {
      JsonObject token = element.getAsJsonObject();
      token(token.get("content").getAsString());
      id(token.get("id"));
      require(
          token.get("special").getAsJsonPrimitive().isBoolean(), "\"special\" is true or false");
    }
  }

  /** The steps of a sequence, and of sequences in it, one behind the other. */
  private static void collect(JsonElement step, List<JsonObject> steps) {
    if (isNull(step) || steps.size() > MAX_STEPS) {
      return;
    }
    JsonObject object = step.getAsJsonObject();
    steps.add(object);
    for (String children : List.of("normalizers", "pretokenizers", "processors")) {
      if (object.has(children)) {
        object.getAsJsonArray(children).forEach(child -> collect(child, steps));
      }
    }
  }

  private void step(JsonObject step) throws IOException {
    JsonElement pattern = step.get("pattern");
    if (!isNull(pattern) && pattern.getAsJsonObject().has("Regex")) {
      String regex = pattern.getAsJsonObject().get("Regex").getAsString();
      require(
          Patterns.isBounded(regex),
          "the pattern [%s] may try too many ways through a text",
          regex.length() <= 200 ? regex : regex.substring(0, 200) + "…");
    }
    switch (step.get("type").getAsString()) {
      case "Replace" -> grow(step.get("content").getAsString().length());
      case "Prepend" -> grow(1 + step.get("prepend").getAsString().length() / 16);
      case "ByteLevel" -> grow(2);
      case "Precompiled" -> precompiled(step);
      case "FixedLength" -> {
        JsonElement length = step.get("length");
        require(
            isNull(length) || length.getAsInt() >= 1, "its parts are %s characters long", length);
      }
      default -> {
        // bounded by itself
      }
    }
  }

  private void grow(int factor) throws IOException {
    growth *= Math.max(1, factor);
    require(growth <= MAX_GROWTH, "its steps can make a text %s times as long", growth);
  }

  private void precompiled(JsonObject step) throws IOException {
    JsonElement map = step.get("precompiled_charsmap"); // without one the library ends the process
    require(
        !isNull(map) && CharacterMap.isSound(map.getAsString()),
        "its Precompiled normalizer's map is damaged");
  }

  private static boolean isNull(JsonElement element) {
    return element == null || element.isJsonNull();
  }
}
