package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;

/** The architectures, by the {@code model_type} of their config. */
public final class Networks {
  private interface Factory {
    Network create(String model, JsonFile config) throws IOException;
  }

  private static final Map<String, Factory> BY_TYPE =
      new TreeMap<>(
          Map.of(
              "bert", Bert::new,
              "distilbert", DistilBert::new,
              "roberta", Roberta::new,
              "camembert", Roberta::new,
              "xlm-roberta", Roberta::new,
              "mpnet", MpNet::new,
              "modernbert", ModernBert::new));

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
    String type = config.requireString("model_type");
    Factory factory = BY_TYPE.get(type);
    if (factory == null) {
      throw ModelException.of(
          model,
          "unknown architecture ["
              + ModelException.brief(type)
              + "], supported are "
              + BY_TYPE.keySet());
    }
    return factory.create(model, config);
  }
}
