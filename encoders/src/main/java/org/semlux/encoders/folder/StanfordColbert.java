package org.semlux.encoders.folder;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.semlux.encoders.api.MaxSim;

/**
 * A folder as Stanford's ColBERT saves it: a network without {@code modules.json}, whose projection
 * lies among its weights and whose settings are {@value #METADATA}.
 */
final class StanfordColbert {
  static final String METADATA = "artifact.metadata";

  private static final String ARCHITECTURE = "HF_ColBERT";

  private final JsonFile metadata;

  private StanfordColbert(JsonFile metadata) {
    this.metadata = metadata;
  }

  /** Reads a folder's settings, which it need not have. */
  static StanfordColbert of(ModelFolder folder) throws IOException {
    Path file = folder.path().resolve(METADATA);
    return new StanfordColbert(
        Files.isRegularFile(file) ? JsonFile.read(file) : new JsonFile(file, new JsonObject()));
  }

  /** Whether a folder is one by its files. */
  static boolean isIn(ModelFolder folder) throws IOException {
    return isNamed(folder) || Files.exists(folder.path().resolve(METADATA));
  }

  /** Whether the network's config names its architecture. */
  static boolean isNamed(ModelFolder folder) throws IOException {
    Path file = folder.path().resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return false;
    }
    JsonFile config = JsonFile.read(file);
    return config.has("architectures")
        && config.requireStrings("architectures").contains(ARCHITECTURE);
  }

  /** What stands before texts, by the side's prompt. */
  Map<String, String> prefixes() throws IOException {
    Map<String, String> prefixes = new LinkedHashMap<>();
    prefixes.put("query", metadata.getString("query_token_id", "[unused0]") + " ");
    prefixes.put("document", metadata.getString("doc_token_id", "[unused1]") + " ");
    return prefixes;
  }

  LateInteraction settings() throws IOException {
    LateInteraction.Expansion expansion =
        new LateInteraction.Expansion(
            LateInteraction.positive(metadata, "query_maxlen").orElse(LateInteraction.USUAL_LENGTH),
            true,
            metadata.getBoolean("attend_to_mask_tokens", false),
            Optional.empty());
    boolean skips = metadata.getBoolean("mask_punctuation", true);
    return new LateInteraction(
        List.copyOf(prefixes().values()),
        OptionalInt.empty(),
        LateInteraction.positive(metadata, "doc_maxlen"),
        Optional.of(expansion),
        Optional.of(TokenMask.ofDocuments(skips ? TokenMask.punctuation() : Set.of())),
        true,
        MaxSim.SUM);
  }
}
