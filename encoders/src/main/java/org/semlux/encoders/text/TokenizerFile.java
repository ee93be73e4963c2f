package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.JsonText;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * The {@code tokenizer.json} that a folder means. The reference takes it as it is for some of its
 * tokenizer classes; for others it takes the vocabulary alone, from whatever file holds it, and
 * what {@code tokenizer_config.json} says decides the rest.
 */
final class TokenizerFile {
  private static final String ADDED = "added_tokens.json";
  private static final String MAP = "special_tokens_map.json";

  private final String model;
  private final Module module;
  private final JsonObject map;
  private final JsonFile settings;
  private final String className;
  private final TokenizerClass kind;
  private final SpecialTokens special;

  private TokenizerFile(String model, Module module) throws IOException {
    this.model = model;
    this.module = module;
    JsonFile written = module.config("tokenizer_config.json");
    JsonFile config = module.config("config.json");
    String named = written.getString("tokenizer_class", config.getString("tokenizer_class", ""));
    className = TokenizerClass.name(named, config.getString("model_type", ""));
    kind = TokenizerClass.of(className);
    map = written.has(SpecialTokens.DECODER) ? new JsonObject() : module.config(MAP).object();
    settings = settings(written, map);
    if (TokenizerClass.ignoresCase(className)) {
      settings.object().remove("do_lower_case");
    }
    special = new SpecialTokens(kind, settings);
  }

  /**
   * What the class is given: {@code tokenizer_config.json} with tokens sorted by whether they have
   * a name, and below {@code special_tokens_map.json}, which is read where the config does not
   * describe the added tokens itself.
   */
  private static JsonFile settings(JsonFile config, JsonObject map) {
    JsonObject all = config.object().deepCopy();
    if (all.has(SpecialTokens.ADDITIONAL) && isEmpty(all.get(SpecialTokens.EXTRA))) {
      all.add(SpecialTokens.EXTRA, all.remove(SpecialTokens.ADDITIONAL));
    }
    JsonObject named = new JsonObject();
    config
        .object()
        .asMap()
        .forEach(
            (key, value) -> {
              if (SpecialTokens.isOwn(key, value) && value.isJsonPrimitive()) {
                named.add(key, all.remove(key));
              }
            });
    moveNamed(all, named);
    if (!named.isEmpty()) { // else what the config itself calls so stays
      all.add(SpecialTokens.NAMED, named);
    }
    map.asMap().forEach((key, value) -> put(all, key, value));
    JsonObject joined =
        all.get(SpecialTokens.NAMED) instanceof JsonObject before ? before : new JsonObject();
    moveNamed(all, joined);
    if (!joined.isEmpty()) {
      all.add(SpecialTokens.NAMED, joined);
    }
    return new JsonFile(config.file(), all);
  }

  private static boolean isEmpty(JsonElement tokens) {
    return tokens == null
        || tokens.isJsonNull()
        || (tokens instanceof JsonArray list && list.isEmpty())
        || (tokens instanceof JsonObject object && object.isEmpty());
  }

  /** Extra tokens that are an object have names. */
  private static void moveNamed(JsonObject all, JsonObject named) {
    if (all.get(SpecialTokens.EXTRA) instanceof JsonObject tokens) {
      tokens.asMap().forEach(named::add);
      all.remove(SpecialTokens.EXTRA);
    }
  }

  /**
   * An entry of {@code special_tokens_map.json}: what it describes is special, lists are joined.
   */
  private static void put(JsonObject all, String key, JsonElement value) {
    boolean extra = key.equals(SpecialTokens.EXTRA);
    if (extra && value instanceof JsonArray list) {
      JsonArray joined = new JsonArray();
      if (all.get(key) instanceof JsonArray before) {
        joined.addAll(before);
      }
      for (JsonElement token : list) {
        if (token instanceof JsonObject described) {
          described.addProperty("special", true);
        }
        if (!joined.contains(token)) {
          joined.add(token);
        }
      }
      all.add(key, joined);
      return;
    }
    if (!extra && value instanceof JsonObject described) {
      described.addProperty("special", true);
    }
    all.add(key, value);
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
      if (!special.of(key).isEmpty()) {
        return special.of(key);
      }
    }
    return null;
  }

  /** Whether it is a text's beginning that is cut off. */
  boolean keepsEnd(JsonFile tokenizer) throws IOException {
    return isLeft("truncation", tokenizer);
  }

  /** Whether what fills a text up in a batch of longer ones stands before it. */
  boolean padsBefore(JsonFile tokenizer) throws IOException {
    return isLeft("padding", tokenizer);
  }

  /** Padding before a text moves its positions, and only where others of its batch are longer. */
  void refusePaddingBefore(JsonFile tokenizer) throws IOException {
    if (padsBefore(tokenizer)) {
      throw settings.has("padding_side")
          ? TokenizerKeys.unknown(model, "tokenizer_config.json", "padding_side")
          : TokenizerKeys.unknown(model, "tokenizer.json", "padding.direction");
    }
  }

  /** The side where something is done: what the settings say, else what the file itself asks. */
  private boolean isLeft(String what, JsonFile tokenizer) throws IOException {
    String direction = "right";
    if (tokenizer.getObject(what).isPresent()) {
      direction = tokenizer.getObject(what).get().getString("direction", direction);
    }
    return settings.getString(what + "_side", direction).equalsIgnoreCase("left");
  }

  /**
   * The tokenizer as one file.
   *
   * @throws ModelException when the folder holds none, or its class is not known
   */
  JsonFile json() throws IOException {
    Path file = module.folder().resolve("tokenizer.json");
    Optional<JsonFile> written =
        Files.isRegularFile(file) ? Optional.of(JsonFile.read(file)) : Optional.empty();
    requireKnown(written); // before what else it may be refused for: keys may be the class's own
    TokenizerKeys.check(
        model,
        settings,
        key -> map.has(key) ? MAP : "tokenizer_config.json",
        kind,
        written.isPresent());
    if (written.isPresent()) {
      return complete(written.get(), null);
    }
    if (SentencePieceFile.isIn(module.folder(), kind)) {
      SentencePieceFile made = SentencePieceFile.read(model, module.folder(), special);
      return complete(new JsonFile(file, made.json()), made.defined());
    }
    return complete(new JsonFile(file, new VocabularyFiles(model, module).read(kind)), null);
  }

  private JsonFile complete(JsonFile read, List<JsonObject> defined) throws IOException {
    JsonText.look(TokenizerCheck.problem(read), () -> adapt(read, defined));
    return read;
  }

  /**
   * The reference reads byte-level files as they are where LLaMA's class is named.
   *
   * @param written {@code tokenizer.json}
   */
  private void requireKnown(Optional<JsonFile> written) throws ModelException {
    boolean bytes =
        className.equals("LlamaTokenizer")
            && written.isPresent()
            && written.get().object().toString().contains("\"ByteLevel\"");
    if (TokenizerClass.isUnknown(className) && !bytes) {
      throw ModelException.of(
          model,
          "its tokenizer is a %s, whose steps are not known here%s"
              .formatted(
                  className,
                  written.isPresent()
                      ? ": to have tokenizer.json read as it is, set [tokenizer_class] in"
                          + " tokenizer_config.json to PreTrainedTokenizerFast"
                      : ", and there is no tokenizer.json to be read as it is: take a model that"
                          + " has one"));
    }
  }

  private void adapt(JsonFile tokenizer, List<JsonObject> defined) throws IOException {
    JsonObject json = tokenizer.object();
    if (kind != TokenizerClass.AS_IT_IS) {
      TokenizerSteps steps = new TokenizerSteps(kind, settings);
      json.add("model", new TokenizerModel(model, className, special).of(json));
      json.add("normalizer", steps.normalizer(json.get("normalizer")));
      json.add("pre_tokenizer", steps.preTokenizer());
    }
    AddedTokens.complete(tokenizer, special, module.config(ADDED).object(), defined);
    JsonElement written = json.get("post_processor");
    boolean asWritten = kind == TokenizerClass.ALBERT && written != null && !written.isJsonNull();
    if (!asWritten) {
      json.add("post_processor", TemplateStep.of(model, special, json));
    }
  }
}
