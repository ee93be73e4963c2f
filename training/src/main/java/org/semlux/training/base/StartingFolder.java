package org.semlux.training.base;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.Pooling;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.WeightReader;
import org.semlux.encoders.text.ChatPairs;
import org.semlux.training.folder.CrossEncoderLayout;
import org.semlux.training.folder.DenseLayout;
import org.semlux.training.folder.ModelFiles;
import org.semlux.training.folder.MultiVectorLayout;
import org.semlux.training.folder.SafetensorsWriter;
import org.semlux.training.folder.SpladeLayout;
import org.semlux.training.folder.TextLength;

/**
 * A base of the kind that is wanted is copied; of another one the network is kept and gets a new
 * head.
 *
 * {@snippet lang=java :
 * StartingFolder start = StartingFolder.of(Path.of("all-MiniLM-L6-v2"), 42);
 * start.write(EncoderKind.CROSS, Files.createDirectory(Path.of("start"))); // with a new head
 * }
 *
 * @param source any model folder
 * @param maxTokens where texts are cut; as in the source where empty
 * @param dropout the rate of all dropout; as in the source where empty
 * @param inferenceFree whether queries shall be looked up in a table, see {@link
 *     InferenceFreeFolder}
 * @param seed of new weights
 */
public record StartingFolder(
    Path source, OptionalInt maxTokens, OptionalDouble dropout, boolean inferenceFree, long seed)
    implements StartingModel {
  private static final String WEIGHTS = "model.safetensors";
  private static final String TRANSFORMER = "sentence_bert_config.json";

  /** What a config may have beside the keys that the architecture names. */
  private static final Set<String> OTHER_DROPOUTS =
      Set.of("classifier_dropout", "dropout", "seq_classif_dropout");

  /** A folder that says all by itself. */
  public static StartingFolder of(Path source, long seed) {
    return new StartingFolder(source, OptionalInt.empty(), OptionalDouble.empty(), false, seed);
  }

  @Override
  public String deciding() {
    return StartingModel.deciding(inferenceFree, dropout, maxTokens);
  }

  @Override
  public boolean isOf(EncoderKind kind) throws IOException {
    return ModelFolder.open(source).kind() == kind;
  }

  @Override
  public boolean looksUpQueries(EncoderKind kind) throws IOException {
    return inferenceFree
        || (kind == EncoderKind.SPARSE && InferenceFreeFolder.is(ModelFolder.open(source)));
  }

  @Override
  public boolean hasFrozenTable(EncoderKind kind) throws IOException {
    return kind == EncoderKind.SPARSE && InferenceFreeFolder.isFrozen(ModelFolder.open(source));
  }

  @Override
  public void check(EncoderKind kind) throws IOException {
    ModelFolder folder = ModelFolder.open(source);
    if (inferenceFree && folder.kind() == kind) {
      InferenceFreeFolder.check(folder);
    }
    if (maxTokens.isPresent()) {
      for (Module reading : reading(folder)) {
        TextLength.require(folder, reading, maxTokens.getAsInt(), false);
      }
    }
  }

  @Override
  public void write(EncoderKind kind, Path target) throws IOException {
    ModelFolder folder = ModelFolder.open(source);
    if (folder.kind() == kind) {
      copy(folder, target);
    } else {
      switch (kind) {
        case DENSE -> layout(folder, network(folder, target)).write(target);
        case CROSS -> ClassifierFolder.write(folder, target, seed);
        case SPARSE ->
            throw ModelException.of(
                folder.name(),
                "it has no masked language model's head to give terms their weights: make it one "
                    + "with semlux sparsify first");
        case MULTI_VECTOR -> {
          if (folder.kind() != EncoderKind.DENSE) {
            throw ModelException.of(
                folder.name(),
                "it is a %s model: a multi-vector encoder is trained from one, or from a"
                        .formatted(folder.kind())
                    + " bi-encoder");
          }
          network(folder, target);
          new MultiVectorLayout(folder, MaxSim.SUM).write(target);
        }
      }
    }
    if (dropout.isPresent()) {
      setDropout(target, dropout.getAsDouble(), folder.name());
    }
    if (maxTokens.isPresent()) {
      setMaxTokens(target, maxTokens.getAsInt());
    }
    if (inferenceFree) {
      InferenceFreeFolder.change(target);
    }
  }

  private void copy(ModelFolder folder, Path target) throws IOException {
    for (Path file : ModelFiles.of(source)) {
      if (!file.getFileName().toString().contains(".safetensors")) {
        Files.createDirectories(target.resolve(file).getParent());
        Files.write(target.resolve(file), Files.readAllBytes(source.resolve(file)));
      }
    }
    for (Module module : modules(folder)) {
      if (!ModelFolder.weightFiles(source, module.folder()).isEmpty()) {
        Path place = target.resolve(folder.path().relativize(module.folder()).toString());
        Float32Tensors tensors = new Float32Tensors();
        TensorSource source = folder.weights(module);
        source.names().forEach(name -> tensors.add(name, source.find(name).orElseThrow()));
        write(Files.createDirectories(place), tensors);
        saysFloat32(place.resolve("config.json"));
      }
    }
    if (!Files.exists(target.resolve("modules.json"))) {
      complete(folder, target);
    }
  }

  /** Where a config says another type than the weights now have. */
  private static void saysFloat32(Path file) throws IOException {
    if (Files.exists(file)) {
      JsonObject config = JsonFile.read(file).object();
      JsonObject now = TransformerFiles.inFloat32(config);
      if ((config.has("torch_dtype") || config.has("dtype")) && !now.equals(config)) {
        JsonFile.write(file, now, 2);
      }
    }
  }

  /** Those of all routes. */
  private static Set<Module> modules(ModelFolder folder) throws IOException {
    Set<Module> modules = new LinkedHashSet<>();
    Router.of(folder).routes().values().forEach(route -> modules.addAll(route.modules()));
    return modules;
  }

  /** A plain transformer's folder says nothing of what stands behind the network. */
  private static void complete(ModelFolder folder, Path target) throws IOException {
    ChatPairs.refuseTemplate(folder);
    switch (folder.kind()) {
      case DENSE -> layout(folder, Networks.of(folder)).write(target);
      case SPARSE -> new SpladeLayout(folder).write(target);
      case CROSS -> CrossEncoderLayout.writeClassifier(target);
      case MULTI_VECTOR ->
          throw ModelException.of(
              folder.name(),
              "a multi-vector model without modules.json, as Stanford's ColBERT saves it, is not"
                  + " trained: save it with sentence-transformers first");
    }
  }

  private static DenseLayout layout(ModelFolder folder, Network network) throws IOException {
    return new DenseLayout(network.hidden(), Pooling.byDefault(folder).modes(), false);
  }

  /** Writes the network of any transformer, whatever its head was. */
  private static Network network(ModelFolder folder, Path target) throws IOException {
    Network network = network(folder);
    Module first = folder.modules().get(0);
    JsonObject config =
        TransformerFiles.config(folder.name(), first.config("config.json").object(), "Model");
    JsonFile.write(target.resolve("config.json"), config, 2);
    TransformerFiles.copyTokenizer(first.folder(), target);
    Float32Tensors tensors = new Float32Tensors();
    addBody(folder, network, "", tensors);
    write(target, tensors);
    return network;
  }

  /** The network of a base that gets another head. */
  static Network network(ModelFolder folder) throws IOException {
    Module first = folder.modules().get(0);
    if (!TextLength.isTransformer(first)) {
      throw ModelException.of(
          folder.name(),
          "it begins with " + first.type() + ", and only a transformer can get another head");
    }
    return Networks.of(folder.name(), first.config("config.json"));
  }

  /** The network's weights, each behind the prefix. */
  static void addBody(ModelFolder folder, Network network, String prefix, Float32Tensors tensors)
      throws IOException {
    TensorSource source = folder.weights(folder.modules().get(0));
    for (Parameter parameter : Parameter.in(network.parameters(), source, network.prefix())) {
      for (String name : parameter.names()) {
        StoredTensor stored =
            WeightReader.stored(name, source, network.prefix())
                .orElseThrow(
                    () -> ModelException.of(folder.name(), "weight " + name + " is missing"));
        tensors.add(prefix + name, stored);
      }
    }
  }

  static void write(Path folder, Float32Tensors tensors) throws IOException {
    SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors.names(), tensors, bytes -> {});
  }

  /** As transformers does it: in the config. */
  private static void setDropout(Path target, double rate, String model) throws IOException {
    ModelFolder folder = ModelFolder.open(target);
    boolean any = false;
    for (String name : List.of("config.json", "lstm_config.json")) {
      for (Module module : modules(folder)) {
        Path file = module.folder().resolve(name);
        boolean settings = name.startsWith("lstm") || !module.type().equals("Pooling");
        if (Files.exists(file) && settings) {
          JsonFile config = JsonFile.read(file);
          for (String key : dropoutKeys(folder, module, config)) {
            config.object().addProperty(key, rate);
            any = true;
          }
          JsonFile.write(file, config.object(), name.startsWith("lstm") ? 4 : 2);
        }
      }
    }
    if (!any && rate > 0) {
      throw ModelException.of(model, "nothing in it drops out: leave --dropout out");
    }
  }

  /** Those that the architecture reads, and what else there is; of modules what they have. */
  private static Set<String> dropoutKeys(ModelFolder folder, Module module, JsonFile config)
      throws IOException {
    Set<String> keys = new TreeSet<>(config.object().keySet());
    keys.retainAll(OTHER_DROPOUTS);
    if (config.has("model_type")) {
      keys.addAll(Networks.of(folder.name(), config).dropoutKeys());
    }
    if (module.type().equals("Dropout")) {
      keys.add("dropout");
    }
    return keys;
  }

  private static void setMaxTokens(Path target, int tokens) throws IOException {
    for (Module first : reading(ModelFolder.open(target))) {
      boolean words = first.type().equals("WordEmbeddings");
      String file = words ? "wordembedding_config.json" : TRANSFORMER;
      JsonObject config = first.config(file).object();
      config.addProperty("max_seq_length", tokens);
      JsonFile.write(first.folder().resolve(file), config, 4);
    }
  }

  /** The modules that cut texts, one of each route: what is looked up in a table is not cut. */
  private static Set<Module> reading(ModelFolder folder) throws IOException {
    Set<Module> all = new LinkedHashSet<>();
    Router.of(folder).routes().values().forEach(route -> all.add(route.modules().get(0)));
    Set<Module> cutting = new LinkedHashSet<>(all);
    cutting.removeIf(module -> module.type().endsWith("StaticEmbedding"));
    return cutting.isEmpty() ? all : cutting;
  }
}
