package org.semlux.encoders.text;

import static java.lang.Integer.MAX_VALUE;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.LateInteraction;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.network.Network;

/**
 * Finds and loads the tokenizer of a model.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   System.out.println(tokenizer.maxTokens() + " tokens of a text are read"); // 256
 * }
 * }
 */
public final class Tokenizers {
  private static final String WORDS = "whitespacetokenizer_config.json";

  /** For tokenizers that claim to read 1e30 tokens. */
  private static final int MAX_LOOKED_UP = 1 << 20;

  private Tokenizers() {}

  /** Tokens that a tokenizer may have beside those of the embedding: somebody added them. */
  private static final int SURPLUS = 1_024;

  /**
   * Loads the tokenizer that a model's first module reads texts with.
   *
   * @throws ModelException when there is none, or it and the network disagree
   */
  public static Tokenizer of(ModelFolder folder, Network network) throws IOException {
    Module module = folder.modules().get(0);
    int rows = network.vocabularySize();
    Tokenizer tokenizer =
        switch (module.type()) {
          case "WordEmbeddings" -> ofWords(folder.name(), module, network);
          case "StaticEmbedding" ->
              ofStatic(JsonFile.read(module.folder().resolve("tokenizer.json")), rows);
          default -> ofTransformer(folder, module, network);
        };
    int surplus = module.type().equals("WordEmbeddings") ? 0 : SURPLUS;
    boolean marked = tokenizer instanceof FastTokenizer fast && fast.largestSpecialId() >= rows;
    if (tokenizer.vocabularySize() - surplus > rows || marked) {
      tokenizer.close();
      throw ModelException.of(
          folder.name(),
          fileName(module)
              + (marked ? " puts an id around texts and" : "")
              + " has ids up to "
              + (tokenizer.vocabularySize() - 1)
              + ", the word embedding holds "
              + rows
              + ": the tokenizer belongs to another model");
    }
    return tokenizer;
  }

  /**
   * Whether {@link #of} would take a folder's tokenizer, as far as its files tell: without the
   * library that reads them.
   *
   * @throws ModelException when it would not
   */
  public static void check(ModelFolder folder, Network network) throws IOException {
    Module module = folder.modules().get(0);
    switch (module.type()) {
      case "WordEmbeddings" -> JsonFile.read(module.folder().resolve(WORDS));
      case "StaticEmbedding" ->
          TokenizerCheck.check(JsonFile.read(module.folder().resolve("tokenizer.json")));
      default -> {
        TokenizerFile file = TokenizerFile.of(folder.name(), module);
        TokenizerCheck.check(checked(folder, module, network, file));
      }
    }
  }

  /** What the network of a folder is asked for, in the reference's words. */
  private static String task(ModelFolder folder) throws IOException {
    List<Module> modules = folder.modules();
    if (modules.size() == 1 && folder.kind() != EncoderKind.MULTI_VECTOR) {
      return "sequence-classification";
    }
    return switch (modules.get(modules.size() - 1).type()) {
      case "SpladePooling" -> "fill-mask";
      case "LogitScore" -> "text-generation";
      default -> "feature-extraction";
    };
  }

  /**
   * The same where nothing says, as the reference does. Its SPLADE would pool hidden states, which
   * are no terms; other modules cannot read another task's network at all.
   */
  private static String usualTask(ModelFolder folder, Module module) throws IOException {
    boolean general = module.type().equals("Transformer") && !folder.isPlain();
    String task = task(folder);
    return general && task.equals("fill-mask") ? "feature-extraction" : task;
  }

  private static String fileName(Module module) {
    return module.type().equals("WordEmbeddings") ? WORDS : "tokenizer.json";
  }

  private static Tokenizer ofWords(String model, Module module, Network network)
      throws IOException {
    String type = module.config("wordembedding_config.json").requireString("tokenizer_class");
    if (!type.startsWith("sentence_transformers.") || !type.endsWith(".WhitespaceTokenizer")) {
      throw ModelException.of(
          model, "tokenizer [" + type + "] is not supported, only WhitespaceTokenizer is");
    }
    Path file = module.folder().resolve(WORDS);
    return WhitespaceTokenizer.load(JsonFile.read(file), network.maxPositions());
  }

  /** The file of a transformer's tokenizer, if all that the folder says of it is known. */
  private static JsonFile checked(
      ModelFolder folder, Module module, Network network, TokenizerFile file) throws IOException {
    String model = folder.name();
    if (folder.kind() != EncoderKind.CROSS) {
      ChatPairs.refuseTemplate(folder);
    }
    JsonFile settings = TransformerSettings.of(folder, module);
    boolean late = folder.kind() == EncoderKind.MULTI_VECTOR;
    TokenizerKeys.checkTransformer(model, settings, task(folder), usualTask(folder, module), late);
    TokenizerKeys.checkInputs(model, settings, task(folder), folder.kind() == EncoderKind.CROSS);
    JsonFile json = file.json();
    if (network.countsPadding()) {
      file.refusePaddingBefore(json);
    }
    SequenceLength.cut(folder, network); // refuses lengths that the network cannot read
    return json;
  }

  private static Tokenizer ofTransformer(ModelFolder folder, Module module, Network network)
      throws IOException {
    TokenizerFile file = TokenizerFile.of(folder.name(), module);
    JsonFile json = checked(folder, module, network, file);
    JsonFile settings = TransformerSettings.of(folder, module);
    int positions = SequenceLength.longest(folder, network);
    int most = SequenceLength.cut(folder, network, settings, positions);
    boolean keepsEnd = file.keepsEnd(json);
    if (settings.getBoolean("do_lower_case", false)) {
      json.object().add("normalizer", lowerCaseFirst(json.object().get("normalizer")));
    }
    FastTokenizer.Options options =
        new FastTokenizer.Options(most, true, file.hasTypes(), keepsEnd, network.vocabularySize());
    if (folder.kind() == EncoderKind.MULTI_VECTOR) {
      return ofLate(folder, json, options, positions);
    }
    Map<InputType, Integer> lengths = new EnumMap<>(InputType.class);
    for (InputType side : InputType.values()) {
      String key = side.name().toLowerCase(Locale.ROOT) + "_length";
      if (settings.has(key)) {
        int asked = settings.requireInt(key, 1, MAX_VALUE);
        lengths.put(side, Math.min(asked, positions));
      }
    }
    return cut(folder.name(), FastTokenizer.load(json, options), lengths);
  }

  /**
   * A tokenizer with the lengths of its sides.
   *
   * @throws ModelException when no text could have them all: the reference would not cut it at all
   */
  private static FastTokenizer cut(
      String model, FastTokenizer tokenizer, Map<InputType, Integer> lengths) {
    lengths.forEach(tokenizer::setMaxTokens);
    int least = tokenizer.maxTokens();
    for (int length : lengths.values()) {
      least = Math.min(least, length);
    }
    if (least < tokenizer.specialTokens()) {
      tokenizer.close(); // nobody else will
      throw ModelException.of(
          model,
          "its files have texts of %s tokens at most, and its tokenizer puts %s special ones around each"
              .formatted(least, tokenizer.specialTokens()));
    }
    return tokenizer;
  }

  /** Sides of a multi-vector model have lengths of their own. */
  private static FastTokenizer ofLate(
      ModelFolder folder, JsonFile json, FastTokenizer.Options options, int positions)
      throws IOException {
    LateInteraction late = LateInteraction.of(folder);
    OptionalInt query = late.queryLength();
    if (late.expansion().isPresent() && late.expansion().get().fixed()) {
      query = OptionalInt.of(late.expansion().get().length());
    }
    Map<InputType, Integer> lengths = new EnumMap<>(InputType.class);
    query.ifPresent(most -> lengths.put(InputType.QUERY, Math.min(most, positions)));
    late.documentLength()
        .ifPresent(most -> lengths.put(InputType.DOCUMENT, Math.min(most, positions)));
    return cut(folder.name(), Markers.load(json, options, late.markers()), lengths);
  }

  private static JsonElement lowerCaseFirst(JsonElement normalizer) {
    if (normalizer != null && hasLowerCase(normalizer)) {
      return normalizer;
    }
    JsonObject lowerCase = new JsonObject();
    lowerCase.addProperty("type", "Lowercase");
    JsonArray steps = new JsonArray();
    steps.add(lowerCase);
    if (normalizer != null && !normalizer.isJsonNull()) {
      steps.add(normalizer);
    }
    JsonObject sequence = new JsonObject();
    sequence.addProperty("type", "Sequence");
    sequence.add("normalizers", steps);
    return sequence;
  }

  private static boolean hasLowerCase(JsonElement normalizer) {
    String steps = normalizer.toString();
    return steps.contains("\"Lowercase\"") || steps.contains("\"lowercase\":true");
  }

  /** Static embeddings have no length of their own: texts are cut only where the file asks. */
  private static Tokenizer ofStatic(JsonFile file, int rows) throws IOException {
    Optional<JsonFile> truncation = file.getObject("truncation");
    int maxTokens = truncation.isPresent() ? truncation.get().requireInt("max_length") : MAX_VALUE;
    boolean keepsEnd =
        truncation.isPresent()
            && truncation.get().getString("direction", "right").equalsIgnoreCase("left");
    return FastTokenizer.load(
        file, new FastTokenizer.Options(maxTokens, false, false, keepsEnd, rows));
  }

  /**
   * The tokenizer of a module that looks tokens up, without special tokens around a text.
   *
   * @param file what {@link #file} gives
   */
  public static Tokenizer ofLookup(String model, Module module, JsonFile file) throws IOException {
    int maxTokens = (int) Math.clamp(SequenceLength.asked(module, MAX_LOOKED_UP), 1, MAX_LOOKED_UP);
    boolean keepsEnd = TokenizerFile.of(model, module).keepsEnd(file);
    return FastTokenizer.load(
        file, new FastTokenizer.Options(maxTokens, false, false, keepsEnd, MAX_VALUE));
  }

  /**
   * The {@code tokenizer.json} of a module, made of other files where it has none.
   *
   * @throws ModelException when there is no tokenizer
   */
  public static JsonFile file(String model, Module module) throws IOException {
    return TokenizerFile.of(model, module).json();
  }
}
