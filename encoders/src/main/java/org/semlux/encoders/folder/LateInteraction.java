package org.semlux.encoders.folder;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.ModelException;

/**
 * What a folder says of a multi-vector model beside its network: as sentence-transformers'
 * MultiVectorEncoder saves it, PyLate, or Stanford's ColBERT ({@link StanfordColbert}). The rules
 * of older folders are those that sentence-transformers 6.2 loads them by.
 *
 * {@snippet lang=java :
 * LateInteraction late = LateInteraction.of(ModelFolder.open(Path.of("colbertv2.0")));
 * late.expansion().map(LateInteraction.Expansion::length); // 32 tokens of every query
 * late.similarity(); // SUM
 * }
 *
 * @param markers what PyLate and Stanford put before texts, which must stay one token each
 * @param queryLength tokens of a query where it is not expanded to a fixed length
 * @param documentLength tokens of a document
 * @param mask which tokens count; empty where all do that the network attends to
 * @param normalizes whether vectors get length 1 though no module says so
 */
public record LateInteraction(
    List<String> markers,
    OptionalInt queryLength,
    OptionalInt documentLength,
    Optional<Expansion> expansion,
    Optional<TokenMask> mask,
    boolean normalizes,
    MaxSim similarity) {
  /**
   * Tokens that fill a query up.
   *
   * @param length of every query at least
   * @param fixed whether it is cut to that length too
   * @param attended whether the other tokens see those that were filled in
   * @param token its spelling; the tokenizer's mask token where empty
   */
  public record Expansion(int length, boolean fixed, boolean attended, Optional<String> token) {}

  /** Tokens of the longest text that it has a length for; 0 where it says none. */
  public int longest() {
    int sides = Math.max(queryLength.orElse(0), documentLength.orElse(0));
    return Math.max(sides, expansion.map(Expansion::length).orElse(0));
  }

  /** Of queries, where a folder does not say. */
  static final int USUAL_LENGTH = 32;

  private static final int MOST_TOKENS = 1 << 20;

  /** What only PyLate writes. */
  private static final List<String> MARKS =
      List.of(
          "query_prefix", "document_prefix", "attend_to_expansion_tokens", "do_query_expansion");

  /** What it writes too, and ours may: beside any of them queries are filled up by default. */
  private static final List<String> HINTS =
      List.of("query_length", "document_length", "skiplist_words", "attend_to_mask_tokens");

  private static final Set<String> EXPANSION_KEYS = Set.of("strategy", "attend", "token", "length");

  /** Whether a folder that does not name its kind holds such a model. */
  static boolean isIn(ModelFolder folder) throws IOException {
    return MARKS.stream().anyMatch(folder.storedSettings()::has)
        || has(folder, TokenMask.MODULE)
        || StanfordColbert.isIn(folder);
  }

  private static boolean has(ModelFolder folder, String module) {
    return folder.modules().stream().anyMatch(one -> one.type().equals(module));
  }

  /** Whether the projection lies among the network's own weights. */
  public static boolean isStanfords(ModelFolder folder) {
    return folder.isPlain();
  }

  /**
   * Reads a folder's settings.
   *
   * @throws ModelException when they contradict each other
   */
  public static LateInteraction of(ModelFolder folder) throws IOException {
    return isStanfords(folder) ? StanfordColbert.of(folder).settings() : ofModules(folder);
  }

  private static LateInteraction ofModules(ModelFolder folder) throws IOException {
    JsonFile settings = folder.storedSettings();
    JsonFile transformer = folder.modules().get(0).config("sentence_bert_config.json");
    boolean older = isOlder(folder);
    if (older && !settings.has("model_type") && !has(folder, "Dense")) {
      // where the reference would draw one
      throw ModelException.of(
          folder.name(),
          "it is a late-interaction model (ColBERT) by its settings, of which the projection is"
              + " missing, a module Dense");
    }
    boolean fromPyLate =
        Stream.concat(MARKS.stream(), HINTS.stream()).anyMatch(settings.object()::has);
    Optional<Expansion> expansion;
    boolean usesLength = false;
    if (transformer.object().has("query_expansion")) {
      expansion = expansion(folder, transformer);
    } else if (settings.object().has("query_expansion")) {
      expansion = expansion(folder, settings);
    } else if (fromPyLate && settings.getBoolean("do_query_expansion", true)) {
      String attend =
          settings.object().has("attend_to_expansion_tokens")
              ? "attend_to_expansion_tokens"
              : "attend_to_mask_tokens";
      boolean attended = settings.getBoolean(attend, false);
      int length = positive(settings, "query_length").orElse(USUAL_LENGTH);
      expansion = Optional.of(new Expansion(length, true, attended, Optional.empty()));
      usesLength = true;
    } else {
      expansion = Optional.empty();
    }
    OptionalInt queryLength = positive(transformer, "query_length");
    if (queryLength.isEmpty() && !usesLength) {
      queryLength = positive(settings, "query_length");
    }
    OptionalInt documentLength = positive(transformer, "document_length");
    if (expansion.isPresent()
        && queryLength.isPresent()
        && queryLength.getAsInt() < expansion.get().length()) {
      throw ModelException.of(
          folder.name(),
          "its query_length is %s, and queries are filled up to %s tokens: leave one out"
              .formatted(queryLength.getAsInt(), expansion.get().length()));
    }
    return new LateInteraction(
        List.copyOf(prefixes(folder).values()),
        queryLength,
        documentLength.isPresent() ? documentLength : positive(settings, "document_length"),
        expansion,
        older ? Optional.of(olderMask(folder)) : TokenMask.of(folder),
        older,
        similarity(settings));
  }

  /**
   * Whether its modules lack what each model does behind them: a mask and {@code Normalize}.
   *
   * @throws ModelException when nothing tells
   */
  private static boolean isOlder(ModelFolder folder) throws IOException {
    if (folder.storedSettings().has("model_type")) {
      return !folder.storedSettings().requireString("model_type").equals("MultiVectorEncoder");
    }
    if (StanfordColbert.isNamed(folder) && !has(folder, TokenMask.MODULE)) {
      throw ModelException.of(
          folder.name(),
          "its config.json names the architecture HF_ColBERT, and its modules.json has no"
              + " MultiVectorMask: PyLate normalizes such a model's vectors, sentence-transformers"
              + " does not; say in config_sentence_transformers.json whose it is, by the model_type"
              + " ColBERT or MultiVectorEncoder");
    }
    return !StanfordColbert.isNamed(folder);
  }

  private static Optional<Expansion> expansion(ModelFolder folder, JsonFile in) throws IOException {
    Optional<JsonFile> stored = in.getObject("query_expansion");
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    JsonFile config = stored.get();
    String strategy = config.requireString("strategy");
    if (!EXPANSION_KEYS.containsAll(config.object().keySet())
        || !Set.of("fixed", "min").contains(strategy)) {
      throw ModelException.of(
          folder.name(),
          "its query_expansion has the strategy [%s] and the keys %s, known are fixed and min, and %s"
              .formatted(ModelException.brief(strategy), config.object().keySet(), EXPANSION_KEYS));
    }
    return Optional.of(
        new Expansion(
            config.requireInt("length", 1, MOST_TOKENS),
            strategy.equals("fixed"),
            config.getBoolean("attend", false),
            config.has("token") ? Optional.of(config.requireString("token")) : Optional.empty()));
  }

  private static TokenMask olderMask(ModelFolder folder) throws IOException {
    JsonFile settings = folder.storedSettings();
    boolean usual =
        settings.getString("model_type", "").equals("ColBERT") || !prefixes(folder).isEmpty();
    if (settings.has("skiplist_words")) {
      return TokenMask.ofDocuments(Set.copyOf(settings.requireStrings("skiplist_words")));
    }
    return TokenMask.ofDocuments(usual ? TokenMask.punctuation() : Set.of());
  }

  private static MaxSim similarity(JsonFile settings) throws IOException {
    return settings.getString("similarity_fn_name", "").equals(MaxSim.MEAN.toString())
        ? MaxSim.MEAN
        : MaxSim.SUM;
  }

  /** 0 and nothing at all say the same. */
  static OptionalInt positive(JsonFile config, String key) throws IOException {
    int length = config.getInt(key, 0, 0, MOST_TOKENS);
    return length == 0 ? OptionalInt.empty() : OptionalInt.of(length);
  }

  /** Markers by the name of the prompt that begins with them. */
  private static Map<String, String> prefixes(ModelFolder folder) throws IOException {
    if (isStanfords(folder)) {
      return StanfordColbert.of(folder).prefixes();
    }
    Map<String, String> prefixes = new LinkedHashMap<>();
    for (String side : List.of("query", "document")) {
      if (folder.storedSettings().object().has(side + "_prefix")) {
        prefixes.put(side, folder.storedSettings().getString(side + "_prefix", ""));
      }
    }
    return prefixes;
  }

  /** A folder's prompts, each behind the marker of its side. */
  static Map<String, String> prompts(ModelFolder folder, Map<String, String> saved)
      throws IOException {
    Map<String, String> prompts = new LinkedHashMap<>(saved);
    for (Map.Entry<String, String> prefix : prefixes(folder).entrySet()) {
      String prompt = saved.getOrDefault(prefix.getKey(), "");
      boolean marked = prompt.startsWith(prefix.getValue());
      prompts.put(prefix.getKey(), marked ? prompt : prefix.getValue() + prompt);
    }
    return prompts;
  }
}
