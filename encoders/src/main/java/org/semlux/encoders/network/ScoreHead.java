package org.semlux.encoders.network;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

/**
 * What scores a text pair by its token states, all in float32. The program method is {@code
 * encode(tokens [3, tokens], sequences [3, sequences], groups, w) -> [sequences, 2 * labels]}: the
 * scores, then what they were before the last activation.
 */
public sealed interface ScoreHead extends Head
    permits ClassificationHead, LogitScoreHead, ModuleScoreHead {
  /**
   * Finds a network's head: in the modules behind it, or in its own weights where there are none.
   *
   * @throws ModelException when there is none, or its activation is unknown
   */
  static ScoreHead of(ModelFolder folder, Network network) throws IOException {
    if (folder.modules().size() == network.modules()) {
      return new ClassificationHead(folder, config(folder), network);
    }
    String first = folder.modules().get(network.modules()).type();
    return first.equals(LogitScoreHead.MODULE)
        ? new LogitScoreHead(folder, network)
        : new ModuleScoreHead(folder, network);
  }

  /** Whether it can be trained. */
  default boolean trains() {
    return true;
  }

  /** The labels' names, in the order of the scores. */
  List<String> labels();

  private static JsonFile config(ModelFolder folder) throws IOException {
    return JsonFile.read(folder.modules().get(0).folder().resolve("config.json"));
  }

  /**
   * The last activation by its PyTorch class. In the order of the reference: its own settings, then
   * the network's config, newest key first.
   */
  static String activation(ModelFolder folder, int labels) throws IOException {
    if (folder.settings().has("activation_fn")) {
      return folder.settings().requireString("activation_fn");
    }
    JsonFile config = config(folder);
    Optional<JsonFile> library = config.getObject("sentence_transformers");
    if (library.isPresent() && library.get().has("activation_fn")) {
      return library.get().requireString("activation_fn");
    }
    String otherwise =
        "torch.nn.modules." + (labels == 1 ? "activation.Sigmoid" : "linear.Identity");
    return config.getString("sbert_ce_default_activation_function", otherwise);
  }

  /** The same as an expression of a program, of {@code x}. */
  static String activated(ModelFolder folder, int labels) throws IOException {
    return Activation.ofClass(folder.name(), "the cross-encoder", activation(folder, labels))
        .of("x");
  }

  /** Names from {@code id2label} where it has as many. */
  static List<String> labels(JsonFile config, int size) throws IOException {
    Optional<JsonFile> stored = config.getObject("id2label");
    boolean names = stored.isPresent() && stored.get().object().size() == size;
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String otherwise = "LABEL_" + i;
      JsonElement name = names ? stored.get().object().get(Integer.toString(i)) : null;
      labels.add(name != null && name.isJsonPrimitive() ? name.getAsString() : otherwise);
    }
    return List.copyOf(labels);
  }

  /** The labels of the modules' last layer, named by the network's config. */
  static List<String> labels(ModelFolder folder, int size) throws IOException {
    return labels(config(folder), size);
  }

  @Override
  default boolean readsPairs() {
    return true;
  }
}
