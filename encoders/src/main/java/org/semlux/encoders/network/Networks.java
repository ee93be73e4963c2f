package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.JsonFile;

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
              "xlm-roberta", Roberta::new,
              "mpnet", MpNet::new));

  private Networks() {}

  /**
   * The network that a config describes.
   *
   * @throws ModelException when its architecture is unknown or its sizes disagree
   */
  public static Network of(String model, JsonFile config) throws IOException {
    String type = config.requireString("model_type");
    Factory factory = BY_TYPE.get(type);
    if (factory == null) {
      throw ModelException.of(
          model, "unknown architecture [" + type + "], supported are " + BY_TYPE.keySet());
    }
    return factory.create(model, config);
  }
}
