package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * A {@code tokenizer.json} made of a SentencePiece model, as the reference's tokenizer classes make
 * theirs: each has its own special tokens and its own steps around the same Unigram model.
 */
final class SentencePieceFile {
  /** What sets the classes apart. */
  private enum Kind {
    XLM_ROBERTA("sentencepiece.bpe.model", "<s>", "</s>", "<unk>", "<pad>", "<mask>"),
    CAMEMBERT("sentencepiece.bpe.model", "<s>", "</s>", "<unk>", "<pad>", "<mask>"),
    T5("spiece.model", "", "</s>", "<unk>", "<pad>", ""),
    ALBERT("spiece.model", "[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]"),
    DEBERTA("spm.model", "[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]");

    private final String file;
    private final String begin;
    private final String end;
    private final String unknown;
    private final String padding;
    private final String mask;

    Kind(String file, String begin, String end, String unknown, String padding, String mask) {
      this.file = file;
      this.begin = begin;
      this.end = end;
      this.unknown = unknown;
      this.padding = padding;
      this.mask = mask;
    }

    /** Special tokens by the settings' keys, as the class has them; empty for none. */
    private Map<String, String> tokens() {
      Map<String, String> tokens = new LinkedHashMap<>();
      tokens.put("bos_token", begin);
      tokens.put("eos_token", end);
      tokens.put("unk_token", unknown);
      tokens.put("sep_token", begin.isEmpty() ? "" : end);
      tokens.put("pad_token", padding);
      tokens.put("cls_token", begin);
      tokens.put("mask_token", mask);
      return tokens;
    }
  }

  private static final Map<String, Kind> KINDS =
      Map.of(
          "XLMRobertaTokenizer", Kind.XLM_ROBERTA,
          "CamembertTokenizer", Kind.CAMEMBERT,
          "T5Tokenizer", Kind.T5,
          "AlbertTokenizer", Kind.ALBERT,
          "DebertaV2Tokenizer", Kind.DEBERTA);

  private static final int EXTRA_IDS = 100;

  private final Kind kind;
  private final JsonFile settings;
  private final SentencePieceModel pieces;
  private final List<Map.Entry<String, Double>> vocabulary = new ArrayList<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  private SentencePieceFile(Kind kind, JsonFile settings, SentencePieceModel pieces)
      throws IOException {
    this.kind = kind;
    this.settings = settings;
    this.pieces = pieces;
    fill();
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.put(vocabulary.get(id).getKey(), id); // of a piece that is there twice the last one
    }
  }

  /** Whether a folder holds a SentencePiece model that a class reads. */
  static boolean isIn(Path folder, String className) {
    return KINDS.containsKey(className)
        && Files.isRegularFile(folder.resolve(KINDS.get(className).file));
  }

  /**
   * Makes the tokenizer of a folder's model.
   *
   * @param settings {@code tokenizer_config.json}
   * @throws ModelException when the model's pieces are none of Unigram
   */
  static JsonObject read(String model, Path folder, String className, JsonFile settings)
      throws IOException {
    Kind kind = KINDS.get(className);
    SentencePieceModel pieces = SentencePieceModel.read(folder.resolve(kind.file));
    if (!pieces.isUnigram()) {
      throw ModelException.of(
          model,
          "its %s is no Unigram model, which alone is read of SentencePiece's: save the tokenizer"
                  .formatted(kind.file)
              + " once with a current transformers library");
    }
    return new SentencePieceFile(kind, settings, pieces).json();
  }

  private void fill() throws IOException {
    List<SentencePieceModel.Piece> stored = pieces.pieces();
    switch (kind) {
      case XLM_ROBERTA -> {
        Stream.of("bos_token", "pad_token", "eos_token", "unk_token").forEach(this::addToken);
        addPieces(stored.subList(Math.min(3, stored.size()), stored.size()));
        addToken("mask_token");
      }
      case CAMEMBERT -> {
        add("<s>NOTUSED", 0);
        addToken("pad_token");
        add("</s>NOTUSED", 0);
        addToken("unk_token");
        add("<unk>NOTUSED", -100);
        addPieces(stored.subList(1, stored.size()));
        addToken("mask_token");
      }
      case T5 -> {
        addPieces(stored);
        for (int i = extraIds() - 1; i >= 0; i--) {
          add("<extra_id_" + i + ">", 0);
        }
      }
      case ALBERT, DEBERTA -> addPieces(stored);
    }
  }

  private int extraIds() throws IOException {
    return settings.getInt("extra_ids", EXTRA_IDS);
  }

  private void addPieces(List<SentencePieceModel.Piece> stored) {
    stored.forEach(piece -> add(piece.text(), piece.score()));
  }

  private void addToken(String key) {
    add(token(key), 0);
  }

  private void add(String text, double score) {
    vocabulary.add(Map.entry(text, score));
  }

  /** A special token, which the settings spell out or describe. */
  private String token(String key) {
    JsonElement given = settings.object().get(key);
    if (given != null && given.isJsonObject()) {
      return given.getAsJsonObject().get("content").getAsString();
    }
    return given == null || given.isJsonNull() ? kind.tokens().get(key) : given.getAsString();
  }

  private JsonObject json() throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("version", "1.0");
    json.add("normalizer", normalizer());
    json.add("pre_tokenizer", preTokenizer());
    json.add("added_tokens", added());
    json.add("post_processor", template());
    JsonObject model = new JsonObject();
    model.addProperty("type", "Unigram");
    model.addProperty("unk_id", unknown());
    JsonArray entries = new JsonArray();
    for (Map.Entry<String, Double> entry : vocabulary) {
      JsonArray pair = new JsonArray();
      pair.add(entry.getKey());
      pair.add(entry.getValue());
      entries.add(pair);
    }
    model.add("vocab", entries);
    model.addProperty("byte_fallback", false);
    json.add("model", model);
    return json;
  }

  private int unknown() {
    return switch (kind) {
      case XLM_ROBERTA -> 3;
      case T5 -> 2;
      case ALBERT -> 1;
      case CAMEMBERT, DEBERTA ->
          vocabulary.stream().map(Map.Entry::getKey).toList().indexOf(token("unk_token"));
    };
  }

  private JsonElement normalizer() throws IOException {
    List<JsonObject> steps = new ArrayList<>();
    if (kind == Kind.ALBERT) {
      steps.add(replace("String", "``", "\""));
      steps.add(replace("String", "''", "\""));
      if (!settings.getBoolean("keep_accents", false)) {
        steps.add(step("NFKD"));
        steps.add(step("StripAccents"));
      }
    }
    if (settings.getBoolean("do_lower_case", kind == Kind.ALBERT)
        && (kind == Kind.ALBERT || kind == Kind.DEBERTA)) {
      steps.add(step("Lowercase"));
    }
    if (kind == Kind.DEBERTA) {
      steps.add(replace("Regex", "\\s{2,}|[\\n\\r\\t]", " "));
      steps.add(step("NFC"));
      JsonObject strip = step("Strip");
      strip.addProperty("strip_left", false);
      strip.addProperty("strip_right", true);
      steps.add(strip);
    } else if (pieces.characterMap().length > 0) {
      JsonObject map = step("Precompiled");
      map.addProperty(
          "precompiled_charsmap", Base64.getEncoder().encodeToString(pieces.characterMap()));
      steps.add(map);
    }
    return steps.isEmpty() ? JsonNull.INSTANCE : sequence("normalizers", steps);
  }

  private JsonObject preTokenizer() throws IOException {
    JsonObject metaspace = step("Metaspace");
    metaspace.addProperty("replacement", "\u2581");
    boolean prefix = kind == Kind.T5 || settings.getBoolean("add_prefix_space", true);
    String without = kind == Kind.DEBERTA ? "first" : "never";
    metaspace.addProperty("prepend_scheme", prefix ? "always" : without);
    metaspace.addProperty("split", true);
    return sequence(
        "pretokenizers",
        kind == Kind.DEBERTA ? List.of(metaspace) : List.of(step("WhitespaceSplit"), metaspace));
  }

  /** Special tokens, which texts may hold, and those that the model's maker defined. */
  private JsonArray added() throws IOException {
    Map<String, Boolean> tokens = new LinkedHashMap<>();
    for (String key : kind.tokens().keySet()) {
      if (!token(key).isEmpty()) {
        tokens.put(token(key), true);
      }
    }
    for (SentencePieceModel.Piece piece : pieces.pieces()) {
      if (piece.isControl() || piece.isUserDefined()) {
        tokens.putIfAbsent(piece.text(), piece.isControl());
      }
    }
    if (kind == Kind.T5) {
      for (int i = 0; i < extraIds(); i++) {
        tokens.put("<extra_id_" + i + ">", true);
      }
    }
    JsonArray added = new JsonArray();
    for (Map.Entry<String, Boolean> token : tokens.entrySet()) {
      Integer id = ids.computeIfAbsent(token.getKey(), text -> nextId());
      added.add(added(token.getKey(), id, token.getValue()));
    }
    return added;
  }

  private int nextId() {
    return 1 + ids.values().stream().mapToInt(id -> id).max().orElse(-1);
  }

  private JsonObject added(String token, int id, boolean special) throws IOException {
    JsonObject added = new JsonObject();
    added.addProperty("id", id);
    added.addProperty("content", token);
    added.addProperty("special", special);
    boolean mask = token.equals(token("mask_token"));
    JsonFile described = described(token);
    added.addProperty("lstrip", described.getBoolean("lstrip", mask && kind == Kind.CAMEMBERT));
    for (String flag : List.of("rstrip", "single_word", "normalized")) {
      added.addProperty(flag, described.getBoolean(flag, false));
    }
    return added;
  }

  /** What the settings say of a token beside its spelling. */
  private JsonFile described(String token) throws IOException {
    for (String key : kind.tokens().keySet()) {
      JsonElement given = settings.object().get(key);
      if (given != null && given.isJsonObject() && token(key).equals(token)) {
        return settings.getObject(key).get();
      }
    }
    return new JsonFile(settings.file(), new JsonObject());
  }

  private JsonObject template() throws IOException {
    TemplateStep.Ids byText = ids::get;
    String begin = token(kind == Kind.ALBERT || kind == Kind.DEBERTA ? "cls_token" : "bos_token");
    String end = token(kind == Kind.ALBERT || kind == Kind.DEBERTA ? "sep_token" : "eos_token");
    return switch (kind) {
      case T5 ->
          TemplateStep.of(
              TemplateStep.parts(List.of("A", end), 0),
              TemplateStep.parts(List.of("A", end, "B", end), 0),
              List.of(end),
              byText);
      case XLM_ROBERTA, CAMEMBERT ->
          TemplateStep.of(
              TemplateStep.parts(List.of(begin, "A", end), 0),
              TemplateStep.parts(List.of(begin, "A", end, end, "B", end), 0),
              List.of(begin, end),
              byText);
      case ALBERT, DEBERTA -> {
        JsonArray pair = TemplateStep.parts(List.of(begin, "A", end), 0);
        pair.addAll(TemplateStep.parts(List.of("B", end), 1));
        yield TemplateStep.of(
            TemplateStep.parts(List.of(begin, "A", end), 0), pair, List.of(begin, end), byText);
      }
    };
  }

  private static JsonObject replace(String pattern, String from, String to) {
    JsonObject inner = new JsonObject();
    inner.addProperty(pattern, from);
    JsonObject replace = step("Replace");
    replace.add("pattern", inner);
    replace.addProperty("content", to);
    return replace;
  }

  private static JsonObject sequence(String key, List<JsonObject> steps) {
    JsonArray all = new JsonArray();
    steps.forEach(all::add);
    JsonObject sequence = step("Sequence");
    sequence.add(key, all);
    return sequence;
  }

  private static JsonObject step(String type) {
    JsonObject step = new JsonObject();
    step.addProperty("type", type);
    return step;
  }
}
