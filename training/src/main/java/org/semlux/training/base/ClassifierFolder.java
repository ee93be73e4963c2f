package org.semlux.training.base;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.network.Classifier;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.program.WeightReader;
import org.semlux.training.folder.CrossEncoderLayout;

/** A cross-encoder with one label, made of a transformer: its head is new. */
final class ClassifierFolder {
  /** As transformers initialises a classifier. */
  private static final double DEVIATION = 0.02;

  /** What a head takes, without reading it. */
  private static final class Wanted implements WeightList {
    private final List<Parameter> parameters = new ArrayList<>();

    @Override
    public void add(List<Parameter> more, TensorSource source, String prefix) {
      parameters.addAll(more);
    }

    @Override
    public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
      parameters.add(parameter);
    }
  }

  private ClassifierFolder() {}

  static void write(ModelFolder folder, Path target, long seed) throws IOException {
    Network network = StartingFolder.network(folder);
    Module first = folder.modules().get(0);
    JsonFile.write(target.resolve("config.json"), config(folder, first), 2);
    TransformerFiles.copyTokenizer(first.folder(), target);
    CrossEncoderLayout.writeClassifier(target);
    Float32Tensors tensors = new Float32Tensors();
    StartingFolder.addBody(folder, network, network.prefix(), tensors);
    StartingFolder.write(target, tensors);
    addHead(folder, network, ModelFolder.open(target), tensors, new SplittableRandom(seed));
    StartingFolder.write(target, tensors);
  }

  private static JsonObject config(ModelFolder folder, Module first) throws IOException {
    JsonObject stored = first.config("config.json").object();
    JsonObject config = TransformerFiles.config(folder.name(), stored, "ForSequenceClassification");
    JsonObject names = new JsonObject();
    names.addProperty("0", "LABEL_0");
    JsonObject ids = new JsonObject();
    ids.addProperty("LABEL_0", 0);
    config.add("id2label", names);
    config.add("label2id", ids);
    return config;
  }

  /** What the base has of it, such as BERT's pooler, is kept; the rest is drawn. */
  private static void addHead(
      ModelFolder base,
      Network network,
      ModelFolder target,
      Float32Tensors tensors,
      SplittableRandom random)
      throws IOException {
    Wanted wanted = new Wanted();
    ScoreHead.of(target, network).addTo(wanted);
    TensorSource source = base.weights(base.modules().get(0));
    for (Parameter parameter : wanted.parameters) {
      String name = parameter.names().get(0);
      String place = ofNetwork(network, name) ? network.prefix() + name : name;
      Optional<StoredTensor> stored = WeightReader.stored(name, source, network.prefix());
      if (stored.isPresent()) {
        tensors.add(place, stored.get());
      } else {
        tensors.add(place, initial(parameter, random), parameter.shape());
      }
    }
  }

  private static boolean ofNetwork(Network network, String name) {
    return network
        .classifier()
        .flatMap(Classifier::layer)
        .filter(layer -> layer.ofNetwork() && name.startsWith(layer.dense() + "."))
        .isPresent();
  }

  private static float[] initial(Parameter parameter, SplittableRandom random) {
    float[] numbers = new float[Math.toIntExact(parameter.size())];
    boolean scales = parameter.shape().length == 1 && !parameter.names().get(0).endsWith("bias");
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          scales
              ? 1
              : parameter.shape().length == 1 ? 0 : (float) random.nextGaussian(0, DEVIATION);
    }
    return numbers;
  }
}
