package org.semlux.encoders.folder;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * Which tokens of a multi-vector model count.
 *
 * @param skipped spellings of tokens that do not
 * @param tasks the sides that this goes for, {@code query} and {@code document}
 * @param kept the only ids that count in documents; all where empty
 */
public record TokenMask(Set<String> skipped, Set<String> tasks, Set<Integer> kept) {
  /** What sentence-transformers calls the module. */
  static final String MODULE = "MultiVectorMask";

  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /** One for documents alone. */
  static TokenMask ofDocuments(Set<String> skipped) {
    return new TokenMask(skipped, Set.of("document"), Set.of());
  }

  /** What Stanford's ColBERT and PyLate skip where nothing says otherwise. */
  static Set<String> punctuation() {
    return PUNCTUATION
        .chars()
        .mapToObj(Character::toString)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The folder's module; empty where it has none. */
  static Optional<TokenMask> of(ModelFolder folder) throws IOException {
    for (Module module : folder.modules()) {
      if (module.type().equals(MODULE)) {
        JsonFile config =
            module.config(
                "config.json", Set.of("skiplist_words", "skiplist_tasks", "keep_only_token_ids"));
        return Optional.of(
            new TokenMask(strings(config, "skiplist_words"), tasks(config), kept(config)));
      }
    }
    return Optional.empty();
  }

  private static Set<String> strings(JsonFile config, String key) throws IOException {
    return config.has(key) ? Set.copyOf(config.requireStrings(key)) : Set.of();
  }

  private static Set<String> tasks(JsonFile config) throws IOException {
    if (!config.has("skiplist_tasks")) {
      return Set.of("document");
    }
    return config.object().get("skiplist_tasks").isJsonArray()
        ? strings(config, "skiplist_tasks")
        : Set.of(config.requireString("skiplist_tasks"));
  }

  private static Set<Integer> kept(JsonFile config) throws IOException {
    return config.has("keep_only_token_ids")
        ? Set.copyOf(config.requireIds("keep_only_token_ids"))
        : Set.of();
  }
}
