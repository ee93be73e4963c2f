package org.semlux.encoders.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * The {@code tokenizer.json} that a folder means. The reference takes it as it is for some of its
 * tokenizer classes; for others it takes the vocabulary alone, from whatever file holds it, and
 * what {@code tokenizer_config.json} says decides the rest.
 */
final class TokenizerFile {
  /** Classes that build their steps themselves, by how; others take the file as it is. */
  private enum Kind {
    BERT,
    MPNET,
    ROBERTA,
    XLM_ROBERTA,
    AS_IT_IS
  }

  private static final Map<String, Kind> KINDS =
      Map.of(
          "BertTokenizer", Kind.BERT,
          "DistilBertTokenizer", Kind.BERT,
          "ElectraTokenizer", Kind.BERT,
          "MPNetTokenizer", Kind.MPNET,
          "RobertaTokenizer", Kind.ROBERTA,
          "XLMRobertaTokenizer", Kind.XLM_ROBERTA);

  /** Classes of architectures, where no file names one. */
  private static final Map<String, String> CLASSES =
      Map.of(
          "bert", "BertTokenizer",
          "distilbert", "BertTokenizer",
          "electra", "BertTokenizer",
          "nomic_bert", "BertTokenizer",
          "mpnet", "MPNetTokenizer",
          "roberta", "RobertaTokenizer",
          "xlm-roberta", "XLMRobertaTokenizer",
          "t5", "T5Tokenizer",
          "albert", "AlbertTokenizer");

  /** Classes whose models see no token types, unless model_input_names says otherwise. */
  private static final Set<String> WITHOUT_TYPES =
      Set.of(
          "DistilBertTokenizer",
          "MPNetTokenizer",
          "RobertaTokenizer",
          "XLMRobertaTokenizer",
          "CamembertTokenizer",
          "T5Tokenizer");

  private final String model;
  private final Module module;
  private final JsonFile settings;
  private final String className;
  private final Kind kind;

  private TokenizerFile(String model, Module module) throws IOException {
    this.model = model;
    this.module = module;
    settings = module.config("tokenizer_config.json");
    TokenizerKeys.check(model, settings);
    JsonFile config = module.config("config.json");
    String named = settings.getString("tokenizer_class", config.getString("tokenizer_class", ""));
    String byModel = CLASSES.getOrDefault(config.getString("model_type", ""), "");
    className = (named.isEmpty() ? byModel : named).replaceFirst("Fast$", "");
    kind = KINDS.getOrDefault(className, Kind.AS_IT_IS);
  }

  static TokenizerFile of(String model, Module module) throws IOException {
    return new TokenizerFile(model, module);
  }

  /** Whether the second text of a pair has a type of its own. */
  boolean hasTypes() throws IOException {
    return settings.has("model_input_names")
        ? settings.requireStrings("model_input_names").contains("token_type_ids")
        : !WITHOUT_TYPES.contains(className);
  }

  /** Whether it is a text's beginning that is cut off. */
  boolean keepsEnd(JsonFile tokenizer) throws IOException {
    String direction = "right";
    if (tokenizer.getObject("truncation").isPresent()) {
      direction = tokenizer.getObject("truncation").get().getString("direction", direction);
    }
    return settings.getString("truncation_side", direction).equalsIgnoreCase("left");
  }

  /**
   * The tokenizer as one file.
   *
   * @throws ModelException when the folder holds none
   */
  JsonFile json() throws IOException {
    Path file = module.folder().resolve("tokenizer.json");
    JsonObject json = Files.isRegularFile(file) ? JsonFile.read(file).object() : made();
    JsonFile read = new JsonFile(file, json);
    try {
      adapt(json);
    } catch (IllegalStateException | ClassCastException | NullPointerException e) {
      throw new IOException(file + " is no tokenizer as the library writes them", e);
    }
    return read;
  }

  private JsonObject made() throws IOException {
    return SentencePieceFile.isIn(module.folder(), className)
        ? SentencePieceFile.read(model, module.folder(), className, settings)
        : fromVocabulary();
  }

  private JsonObject fromVocabulary() throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("version", "1.0");
    JsonObject content = new JsonObject();
    if (kind == Kind.BERT || kind == Kind.MPNET) {
      content.addProperty("type", "WordPiece");
      content.add("vocab", lines("vocab.txt"));
    } else if (kind == Kind.ROBERTA) {
      content.addProperty("type", "BPE");
      content.add("vocab", JsonFile.read(require("vocab.json")).object());
      content.add("merges", merges());
      content.addProperty("fuse_unk", false);
      content.addProperty("byte_fallback", false);
    } else {
      require("tokenizer.json");
    }
    json.add("model", content);
    json.add("added_tokens", new JsonArray());
    return json;
  }

  private Path require(String name) throws IOException {
    Path file = module.folder().resolve(name);
    if (!Files.isRegularFile(file)) {
      String needed = name.equals("tokenizer.json") ? name : "tokenizer.json and no " + name;
      throw ModelException.of(
          model,
          "no "
              + needed
              + " in "
              + module.folder().getFileName()
              + ": load and save the tokenizer once with a current transformers library");
    }
    return file;
  }

  /** A token's line is its id; of a token that is there twice the last one counts. */
  private JsonObject lines(String name) throws IOException {
    JsonObject ids = new JsonObject();
    int id = 0;
    for (String line : Files.readString(require(name), UTF_8).split("\n")) {
      ids.addProperty(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line, id++);
    }
    return ids;
  }

  private JsonArray merges() throws IOException {
    JsonArray merges = new JsonArray();
    for (String line : Files.readString(require("merges.txt"), UTF_8).split("\r?\n")) {
      if (!line.startsWith("#version") && !line.isEmpty()) {
        merges.add(line);
      }
    }
    return merges;
  }

  private void adapt(JsonObject json) throws IOException {
    JsonObject content = json.getAsJsonObject("model");
    String type = content.has("type") ? content.get("type").getAsString() : "";
    if ((kind == Kind.BERT || kind == Kind.MPNET) && type.equals("WordPiece")) {
      content.addProperty("unk_token", token("unk_token", "[UNK]"));
      content.addProperty("continuing_subword_prefix", "##");
      content.addProperty("max_input_chars_per_word", 100);
      json.add("normalizer", bertNormalizer());
      json.add("pre_tokenizer", step("BertPreTokenizer"));
    } else if (kind == Kind.ROBERTA && type.equals("BPE")) {
      json.add("normalizer", JsonNull.INSTANCE);
      JsonObject bytes = step("ByteLevel");
      bytes.addProperty("add_prefix_space", settings.getBoolean("add_prefix_space", false));
      bytes.addProperty("trim_offsets", true);
      bytes.addProperty("use_regex", true);
      json.add("pre_tokenizer", bytes);
    } else if (kind == Kind.XLM_ROBERTA && type.equals("Unigram")) {
      content.addProperty("unk_id", 3);
      content.addProperty("byte_fallback", false);
      JsonObject map = precompiled(json.get("normalizer"));
      json.add("normalizer", map == null ? JsonNull.INSTANCE : map);
      json.add("pre_tokenizer", wordsWithMarks());
    } else if (kind != Kind.AS_IT_IS) {
      throw ModelException.of(
          model, "its tokenizer.json holds a " + type + " model, a " + className + " has none");
    }
    addTokens(json, content);
    if (kind == Kind.BERT) {
      String cls = token("cls_token", "[CLS]");
      String sep = token("sep_token", "[SEP]");
      JsonArray pair = TemplateStep.parts(List.of(cls, "A", sep), 0);
      pair.addAll(TemplateStep.parts(List.of("B", sep), 1));
      json.add("post_processor", template(json, content, List.of(cls, "A", sep), pair));
    } else if (kind == Kind.XLM_ROBERTA) {
      String bos = token("bos_token", "<s>");
      String eos = token("eos_token", "</s>");
      JsonArray pair = TemplateStep.parts(List.of(bos, "A", eos, eos, "B", eos), 0);
      json.add("post_processor", template(json, content, List.of(bos, "A", eos), pair));
    } else if (kind != Kind.AS_IT_IS) {
      json.add("post_processor", robertaTemplate(json, content));
    }
  }

  private JsonObject bertNormalizer() throws IOException {
    JsonObject normalizer = step("BertNormalizer");
    normalizer.addProperty("clean_text", true);
    normalizer.addProperty(
        "handle_chinese_chars", settings.getBoolean("tokenize_chinese_chars", true));
    normalizer.add(
        "strip_accents",
        settings.has("strip_accents") ? settings.object().get("strip_accents") : JsonNull.INSTANCE);
    normalizer.addProperty("lowercase", settings.getBoolean("do_lower_case", true));
    return normalizer;
  }

  /** The first Precompiled normalizer of a file; null where it has none. */
  private static JsonObject precompiled(JsonElement normalizer) {
    if (normalizer == null || normalizer.isJsonNull()) {
      return null;
    }
    JsonObject step = normalizer.getAsJsonObject();
    if (step.has("normalizers")) {
      for (JsonElement child : step.getAsJsonArray("normalizers")) {
        JsonObject found = precompiled(child);
        if (found != null) {
          return found;
        }
      }
    }
    return step.get("type").getAsString().equals("Precompiled") ? step : null;
  }

  private JsonObject wordsWithMarks() throws IOException {
    JsonObject metaspace = step("Metaspace");
    metaspace.addProperty("replacement", "\u2581");
    metaspace.addProperty(
        "prepend_scheme", settings.getBoolean("add_prefix_space", true) ? "always" : "never");
    metaspace.addProperty("split", true);
    JsonArray steps = new JsonArray();
    steps.add(step("WhitespaceSplit"));
    steps.add(metaspace);
    JsonObject sequence = step("Sequence");
    sequence.add("pretokenizers", steps);
    return sequence;
  }

  private JsonObject template(
      JsonObject json, JsonObject content, List<String> single, JsonArray pair) throws IOException {
    return TemplateStep.of(
        TemplateStep.parts(single, 0),
        pair,
        List.of(single.get(0), single.get(2)),
        token -> id(json, content, token));
  }

  private JsonObject robertaTemplate(JsonObject json, JsonObject content) throws IOException {
    JsonObject template = step("RobertaProcessing");
    for (Map.Entry<String, String> mark : Map.of("sep", "</s>", "cls", "<s>").entrySet()) {
      String token = token(mark.getKey() + "_token", mark.getValue());
      JsonArray pair = new JsonArray();
      pair.add(token);
      pair.add(id(json, content, token));
      template.add(mark.getKey(), pair);
    }
    template.addProperty("trim_offsets", true);
    template.addProperty("add_prefix_space", settings.getBoolean("add_prefix_space", false));
    return template;
  }

  private static JsonObject step(String type) {
    JsonObject step = new JsonObject();
    step.addProperty("type", type);
    return step;
  }

  private int id(JsonObject json, JsonObject content, String token) throws IOException {
    for (JsonElement added : json.getAsJsonArray("added_tokens")) {
      if (added.getAsJsonObject().get("content").getAsString().equals(token)) {
        return added.getAsJsonObject().get("id").getAsInt();
      }
    }
    JsonElement vocabulary = content.get("vocab");
    JsonElement id = vocabulary.isJsonObject() ? vocabulary.getAsJsonObject().get(token) : null;
    if (id == null) {
      throw ModelException.of(model, "its tokenizer has no token [" + token + "]");
    }
    return id.getAsInt();
  }

  /** A special token, which a config spells out or describes. */
  private String token(String key, String otherwise) throws IOException {
    return settings.has(key) && settings.object().get(key).isJsonObject()
        ? settings.getObject(key).get().requireString("content")
        : settings.getString(key, otherwise);
  }

  /** Special tokens that a config names are found in a text, if the vocabulary has them. */
  private void addTokens(JsonObject json, JsonObject content) throws IOException {
    if (!json.has("added_tokens") || !json.get("added_tokens").isJsonArray()) {
      json.add("added_tokens", new JsonArray());
    }
    if (!content.get("vocab").isJsonObject()) {
      return; // Unigram's files list their special tokens themselves
    }
    JsonArray added = json.getAsJsonArray("added_tokens");
    for (Map.Entry<String, String> special : defaults().entrySet()) {
      String token = token(special.getKey(), special.getValue());
      boolean there =
          added.asList().stream()
              .anyMatch(a -> a.getAsJsonObject().get("content").getAsString().equals(token));
      JsonElement id = content.getAsJsonObject("vocab").get(token);
      if (!there && id != null && !token.isEmpty()) {
        added.add(added(special.getKey(), token, id));
      }
    }
  }

  private Map<String, String> defaults() {
    return switch (kind) {
      case BERT ->
          Map.of(
              "cls_token", "[CLS]",
              "sep_token", "[SEP]",
              "pad_token", "[PAD]",
              "unk_token", "[UNK]",
              "mask_token", "[MASK]");
      case MPNET ->
          Map.of(
              "cls_token", "<s>",
              "sep_token", "</s>",
              "pad_token", "<pad>",
              "unk_token", "[UNK]",
              "mask_token", "<mask>");
      case ROBERTA ->
          Map.of(
              "cls_token", "<s>",
              "sep_token", "</s>",
              "pad_token", "<pad>",
              "unk_token", "<unk>",
              "mask_token", "<mask>");
      case XLM_ROBERTA, AS_IT_IS -> Map.of();
    };
  }

  private JsonObject added(String key, String token, JsonElement id) throws IOException {
    JsonFile described =
        settings.has(key) && settings.object().get(key).isJsonObject()
            ? settings.getObject(key).get()
            : new JsonFile(settings.file(), new JsonObject());
    JsonObject added = new JsonObject();
    added.add("id", id);
    added.addProperty("content", token);
    added.addProperty("special", true);
    boolean eatsSpace = kind == Kind.MPNET && key.equals("mask_token");
    added.addProperty("lstrip", described.getBoolean("lstrip", eatsSpace));
    for (String flag : List.of("rstrip", "single_word", "normalized")) {
      added.addProperty(flag, described.getBoolean(flag, false));
    }
    return added;
  }
}
