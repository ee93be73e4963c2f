package org.semlux.encoders.network;

import static org.semlux.encoders.program.ScalarType.INT16;
import static org.semlux.encoders.program.ScalarType.INT32;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.ScalarType;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.program.WeightReader;

/**
 * What makes term weights of token states: the head of a masked language model (a transform and a
 * decoder onto the vocabulary, often the word embedding itself), then SPLADE's pooling. The program
 * method is {@code encode(tokens [3, tokens], sequences [3, sequences], groups, w) -> [3, terms]}:
 * text, term and weight.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * SpladeHead.check(folder, network); // looks at settings alone
 * SpladeHead head = SpladeHead.of(folder, network); // and where the weights lie
 * }
 */
public final class SpladeHead implements Head {
  /**
   * Terms scored at once: a batch of 512 tokens makes 2 MB of bfloat16 scores, which stay in the
   * cache until they are pooled. Half as many is as fast, twice as many is slower by half.
   */
  static final int COLUMNS = 2_048;

  /** The part of the decoder's bias that belongs to a tile, in training. */
  private static final String BIAS_TILE =
      "torch.slice(w[%s], 0, t * " + COLUMNS + ", (t + 1) * " + COLUMNS + ")";

  private static final String BIAS_GRADIENT =
      "_0 = torch.index_add_(gradients[%s], 0, torch.select(places, 0, 1), root[2])";

  private static final Map<String, String> SATURATIONS =
      Map.of(
          "relu", "torch.log1p(torch.relu(x))",
          "log1p_relu", "torch.log1p(torch.log1p(torch.relu(x)))");

  private final String prefix;
  private final TensorSource source;
  private final HeadTransform transform;
  private final Parameter decoder;
  private final Optional<Parameter> bias;
  private final String strategy;
  private final String saturation;
  private final boolean tied;
  private final boolean mayTie;
  private final MaskedLanguageHead names;

  private SpladeHead(ModelFolder folder, JsonFile config, Network network) throws IOException {
    String model = folder.name();
    names = names(model, network);
    prefix = network.prefix();
    mayTie =
        names.decoder().equals(names.words())
            || config.getBoolean("tie_word_embeddings", names.ties());
    source = bodyOf(folder.weights(folder.modules().get(0)));
    transform = new HeadTransform(names.layer(), network.hidden());
    decoder = decoder(model, network.vocabularySize());
    tied = decoder.names().get(0).equals(names.words());
    bias = bias(network.vocabularySize());
    JsonFile pooling = pooling(folder);
    strategy = strategy(model, pooling);
    saturation = saturation(model, pooling);
  }

  /**
   * Reads the pooling behind the network and finds the head's weights.
   *
   * @throws ModelException when the network has no such head or the folder asks for another pooling
   */
  public static SpladeHead of(ModelFolder folder, Network network) throws IOException {
    JsonFile config = JsonFile.read(folder.modules().get(0).folder().resolve("config.json"));
    return new SpladeHead(folder, config, network);
  }

  /**
   * Looks through all that the settings alone tell: where the decoder lies, the weights do.
   *
   * @throws ModelException as {@link #of} would
   */
  public static void check(ModelFolder folder, Network network) throws IOException {
    names(folder.name(), network);
    JsonFile pooling = pooling(folder);
    strategy(folder.name(), pooling);
    saturation(folder.name(), pooling);
  }

  private static MaskedLanguageHead names(String model, Network network) {
    return network
        .maskedLanguageHead()
        .orElseThrow(
            () ->
                ModelException.of(
                    model,
                    "its architecture has no term weights: no masked language model's head of it is"
                        + " known"));
  }

  private static String strategy(String model, JsonFile pooling) throws IOException {
    String strategy = pooling.getString("pooling_strategy", "max");
    if (!strategy.equals("max") && !strategy.equals("sum")) {
      throw ModelException.of(
          model, "unknown pooling_strategy [" + strategy + "], supported are max and sum");
    }
    return strategy;
  }

  private static String saturation(String model, JsonFile pooling) throws IOException {
    String function = pooling.getString("activation_function", "relu");
    if (!SATURATIONS.containsKey(function)) {
      throw ModelException.of(
          model,
          "unknown activation_function [" + function + "], supported are relu and log1p_relu");
    }
    return SATURATIONS.get(function);
  }

  /** A decoder that is stored beside the words wins over a promised tie, as in the reference. */
  private Parameter decoder(String model, int vocabulary) {
    Optional<StoredTensor> stored = source.find(names.decoder());
    if (stored.isEmpty() && !mayTie) {
      throw ModelException.of(
          model, "weight " + names.decoder() + " is missing, and tie_word_embeddings is false");
    }
    boolean alone =
        WeightReader.stored(names.words(), source, prefix)
            .filter(words -> words.name().equals(names.decoder()))
            .isPresent();
    boolean own = stored.isPresent() && !alone;
    return Parameter.linear(own ? names.decoder() : names.words(), vocabulary, transform.width());
  }

  private Optional<Parameter> bias(int vocabulary) {
    if (!names.hasBias()) {
      return Optional.empty();
    }
    String name = source.find(names.bias()).isPresent() ? names.bias() : names.otherBias();
    return Optional.of(Parameter.bias(name, vocabulary));
  }

  private static JsonFile pooling(ModelFolder folder) throws IOException {
    List<Module> rest = folder.modules().subList(1, folder.modules().size());
    if (rest.isEmpty()) { // no modules.json: the pooling's own defaults
      return new JsonFile(folder.path(), new JsonObject());
    }
    if (rest.size() > 1 || !rest.get(0).type().equals("SpladePooling")) {
      throw ModelException.of(
          folder.name(),
          "a sparse encoder is a network and a SpladePooling, after this network come "
              + rest.stream().map(Module::type).toList());
    }
    return rest.get(0).config("config.json");
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    int tiles = Math.ceilDiv((int) decoder.shape()[0], COLUMNS);
    int tile = firstWeight + transform.parameters().size();
    Map<String, Object> constants = constants(precision, "pool_" + strategy);
    constants.put("tile", tile);
    constants.put("bias", bias.isPresent() ? "w[" + (tile + tiles) + " + t]" : "None");
    transform.addTo(text, firstWeight);
    text.add("splade-pooling", constants).add("splade", constants);
  }

  @Override
  public void addTrainedTo(ProgramText text, int firstWeight, Precision precision) {
    int own = firstWeight + transform.parameters().size();
    int ownBias = own + (tied ? 0 : 1);
    Map<String, Object> constants = constants(precision, max() ? "largest" : "pool_sum");
    constants.put("decoder", tied ? 0 : own); // every network's first weight is its word embedding
    String tile = max() ? BIAS_TILE.replace("w[%s]", "torch.detach(w[%s])") : BIAS_TILE;
    constants.put("bias", bias.isPresent() ? tile.formatted(ownBias) : "None");
    constants.put("bias_gradient", bias.isPresent() ? BIAS_GRADIENT.formatted(ownBias) : "pass");
    transform.addTo(text, firstWeight);
    text.add("splade-pooling", constants)
        .add(max() ? "splade-training" : "splade-sum-training", constants);
  }

  private Map<String, Object> constants(Precision precision, String pool) {
    Map<String, Object> constants = new HashMap<>();
    constants.put("columns", COLUMNS);
    constants.put("tiles", Math.ceilDiv((int) decoder.shape()[0], COLUMNS));
    constants.put("pool", pool);
    constants.put("saturation", saturation);
    ScalarType bits = ScalarType.of(precision) == ScalarType.BFLOAT16 ? INT16 : INT32;
    constants.put("bits", bits.code());
    constants.put("compute", ScalarType.of(precision).code());
    return constants;
  }

  /** For a maximum: the states, and where each term's largest score is. */
  @Override
  public int kept() {
    return max() ? 2 : 0;
  }

  private boolean max() {
    return strategy.equals("max");
  }

  @Override
  public TensorSource bodyOf(TensorSource stored) {
    return mayTie ? stored.orTied(prefix + names.words(), names.decoder()) : stored;
  }

  @Override
  public void addTo(WeightList weights) {
    weights.add(transform.parameters(), source, prefix);
    weights.addTiles(decoder, COLUMNS, source, prefix);
    bias.ifPresent(whole -> weights.addTiles(whole, COLUMNS, source, prefix));
  }
}
