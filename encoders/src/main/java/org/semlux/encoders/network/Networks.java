package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;

/** The architectures: a line each, and a class each that describes it. */
public final class Networks {
  private static final List<Architecture> ALL =
      List.of(
          new Architecture("albert", "Albert", Albert::new),
          new Architecture("bert", "Bert", Bert::new),
          new Architecture("camembert", "Camembert", Roberta::new),
          new Architecture("deberta-v2", "DebertaV2", Deberta::new),
          new Architecture("distilbert", "DistilBert", DistilBert::new),
          new Architecture("eurobert", "EuroBert", EuroBert::new),
          new Architecture("gemma3_text", "Gemma3Text", Gemma3::new),
          new Architecture("jina_embeddings_v3", "JinaEmbeddingsV3", JinaEmbeddingsV3::new),
          new Architecture("modernbert", "ModernBert", ModernBert::new),
          new Architecture("electra", "Electra", Electra::new),
          new Architecture("mpnet", "MPNet", MpNet::new),
          new Architecture("mt5", "MT5Encoder", T5::multilingual),
          new Architecture("nomic_bert", "NomicBert", NomicBert::new),
          new Architecture("qwen3", "Qwen3", Qwen3::new),
          new Architecture("roberta", "Roberta", Roberta::new),
          new Architecture("t5", "T5Encoder", T5::new),
          new Architecture("xlm-roberta", "XLMRoberta", Roberta::new));

  private static final List<String> DECODER = List.of("is_decoder", "add_cross_attention");

  /** Architectures whose tokens see those before them, unless a config says otherwise. */
  private static final Set<String> CAUSAL = Set.of("qwen3", "gemma3_text");

  private Networks() {}

  /**
   * The network that a folder begins with.
   *
   * @throws ModelException when it is unknown, or its config and weights disagree
   */
  public static Network of(ModelFolder folder) throws IOException {
    Module first = folder.modules().get(0);
    return switch (first.type()) {
      case "Transformer", "MLMTransformer" ->
          of(folder.name(), JsonFile.read(first.folder().resolve("config.json")));
      case "WordEmbeddings" -> WordVectors.of(folder);
      case "StaticEmbedding" -> StaticEmbedding.of(folder);
      default ->
          throw ModelException.of(
              folder.name(),
              "module ["
                  + ModelException.brief(first.type())
                  + "] is not supported first, supported are Transformer, WordEmbeddings, "
                  + "StaticEmbedding");
    };
  }

  /**
   * The transformer that a config describes.
   *
   * @throws ModelException when its architecture is unknown or its sizes disagree
   */
  public static Network of(String model, JsonFile config) throws IOException {
    for (String key : DECODER) {
      if (config.getBoolean(key, false)) {
        throw ModelException.of(
            model,
            "its config.json sets ["
                + key
                + "]: a network whose tokens see only those before them, or another text, is not"
                + " supported");
      }
    }
    String type = config.requireString("model_type");
    if (config.has("auto_map")) {
      refuseOwnCode(model, type, config);
    }
    boolean turned = config.object().has("is_causal") && !config.getBoolean("is_causal", false);
    if (turned && CAUSAL.contains(type)) {
      throw ModelException.of(
          model,
          "its config.json sets [is_causal] to false: a "
              + type
              + " network whose tokens see those behind them is not supported");
    }
    return architecture(model, type).description().of(model, config);
  }

  /**
   * Folders that bring code may compute something else than the library does by the same {@code
   * model_type}: only the class's name tells.
   */
  private static void refuseOwnCode(String model, String type, JsonFile config) throws IOException {
    Optional<Architecture> known =
        ALL.stream().filter(architecture -> architecture.type().equals(type)).findFirst();
    if (known.isEmpty()) {
      throw ownCode(model, type, "supported are " + types());
    }
    List<String> classes =
        config.has("architectures") ? config.requireStrings("architectures") : List.of();
    String first = classes.isEmpty() ? "" : classes.get(0);
    if (!known.get().hasClass(first)) {
      throw ownCode(
          model,
          first,
          "of the type [%s] transformers' own classes are supported, such as %sModel"
              .formatted(type, known.get().pythonClass()));
    }
  }

  private static ModelException ownCode(String model, String name, String supported) {
    return ModelException.of(
        model,
        "its architecture [%s] is code of its own (auto_map), which is never run; %s"
            .formatted(ModelException.brief(name), supported));
  }

  /**
   * An architecture by the {@code model_type} of a config.
   *
   * @throws ModelException when it is unknown
   */
  public static Architecture architecture(String model, String type) {
    return ALL.stream()
        .filter(architecture -> architecture.type().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                ModelException.of(
                    model,
                    "unknown architecture ["
                        + ModelException.brief(type)
                        + "], supported are "
                        + types()));
  }

  private static List<String> types() {
    return ALL.stream().map(Architecture::type).sorted().toList();
  }
}
