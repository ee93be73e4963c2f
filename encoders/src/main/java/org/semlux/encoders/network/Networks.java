package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * The architectures: a line each, and a class each that describes it.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * Network network = Networks.of(folder); // reads no weights
 * network.hidden(); // 384
 * Networks.architecture(folder.name(), "bert").pythonClass(); // "Bert"
 * }
 */
public final class Networks {
  private static final List<Architecture> ALL =
      List.of(
          new Architecture("albert", "Albert", "AlbertTokenizer", Albert::new),
          new Architecture("bert", "Bert", "BertTokenizer", Bert::new),
          new Architecture("camembert", "Camembert", "CamembertTokenizer", Roberta::new),
          new Architecture("deberta-v2", "DebertaV2", "DebertaV2Tokenizer", Deberta::new),
          new Architecture("distilbert", "DistilBert", "BertTokenizer", DistilBert::new),
          new Architecture("eurobert", "EuroBert", "", EuroBert::new),
          new Architecture("gemma3_text", "Gemma3Text", "GemmaTokenizer", Gemma3::new),
          new Architecture(
              "jina_embeddings_v3",
              "JinaEmbeddingsV3",
              "XLMRobertaTokenizer",
              JinaEmbeddingsV3::new),
          new Architecture("modernbert", "ModernBert", Architecture.FILE_ALONE, ModernBert::new),
          new Architecture("electra", "Electra", "BertTokenizer", Electra::new),
          new Architecture("mpnet", "MPNet", "MPNetTokenizer", MpNet::new),
          new Architecture("mt5", "MT5Encoder", "T5Tokenizer", T5::multilingual),
          new Architecture("nomic_bert", "NomicBert", "BertTokenizer", NomicBert::new),
          new Architecture("qwen3", "Qwen3", "Qwen2Tokenizer", Qwen3::new),
          new Architecture("roberta", "Roberta", "RobertaTokenizer", Roberta::new),
          new Architecture("t5", "T5Encoder", "T5Tokenizer", T5::new),
          new Architecture("xlm-roberta", "XLMRoberta", "XLMRobertaTokenizer", Roberta::new));

  /** Types that models had, with code of their own, before transformers took that in. */
  private static final Set<String> CAME_WITH_CODE =
      Set.of("eurobert", "jina_embeddings_v3", "nomic_bert");

  private static final List<String> DECODER = List.of("is_decoder", "add_cross_attention");

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
    return architecture(model, config).description().of(model, config);
  }

  /**
   * The architecture that a config names.
   *
   * @throws ModelException when it is unknown, a decoder, quantised, or code of its own
   */
  public static Architecture architecture(String model, JsonFile config) throws IOException {
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
    refuseQuantised(model, config);
    String type = config.requireString("model_type");
    if (config.has("auto_map")) {
      refuseOwnCode(model, type, config);
    }
    return architecture(model, type);
  }

  private static void refuseQuantised(String model, JsonFile config) throws IOException {
    Optional<JsonFile> quantised = config.getObject("quantization_config");
    if (quantised.isPresent()) {
      throw ModelException.of(
          model,
          "its config.json has [quantization_config] with [%s]: quantised weights are not read, take"
                  .formatted(
                      ModelException.brief(
                          quantised.get().getString("quant_method", "no quant_method")))
              + " those they were made of (precision int8 quantises at load), or save the model in"
              + " Python behind dequantize()");
    }
  }

  /**
   * Folders that bring code may compute something else than the library does by the same {@code
   * model_type}: only the names of classes tell, and where the library has always had the type,
   * there is no other reason to bring one.
   */
  private static void refuseOwnCode(String model, String type, JsonFile config) throws IOException {
    Optional<Architecture> known = find(type);
    if (known.isEmpty()) {
      throw ownCode(model, type, "supported are " + types());
    }
    List<String> classes =
        config.has("architectures") ? config.requireStrings("architectures") : List.of();
    if (classes.isEmpty()) {
      throw ModelException.of(
          model,
          "its config.json has [auto_map], code of its own that is never run, and no [architectures]"
              + " that tells what it computes: save it with the class that it has");
    }
    String first = classes.get(0);
    if (!known.get().hasClass(first)) {
      throw ownCode(
          model,
          first,
          "of the type [%s] transformers' own classes are supported, such as %sModel"
              .formatted(type, known.get().pythonClass()));
    }
    JsonFile map = config.requireObject("auto_map");
    for (String key : map.object().keySet()) {
      if (key.startsWith("AutoModel")) {
        refuseOwnClass(model, known.get(), key, map.requireString(key));
      }
    }
  }

  /** The class of an entry such as {@code nomic-ai/nomic-bert-2048--modeling.NomicBertModel}. */
  private static void refuseOwnClass(String model, Architecture known, String key, String name) {
    if (CAME_WITH_CODE.contains(known.type())
        && known.hasClass(name.substring(name.lastIndexOf('.') + 1))) {
      return;
    }
    throw ModelException.of(
        model,
        "its config.json has [auto_map] with [%s] of %s, code of its own that is never run and may"
                .formatted(ModelException.brief(name), ModelException.brief(key))
            + " compute something else than transformers' own [%s]: if it does not, take [auto_map] away"
                .formatted(known.type()));
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
    return find(type)
        .orElseThrow(
            () ->
                ModelException.of(
                    model,
                    "unknown architecture ["
                        + ModelException.brief(type)
                        + "], supported are "
                        + types()));
  }

  /** The same, empty where it is unknown. */
  public static Optional<Architecture> find(String type) {
    return ALL.stream().filter(architecture -> architecture.type().equals(type)).findFirst();
  }

  private static List<String> types() {
    return ALL.stream().map(Architecture::type).sorted().toList();
  }
}
