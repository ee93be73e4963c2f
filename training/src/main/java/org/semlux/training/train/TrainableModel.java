package org.semlux.training.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.Constants;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;

/**
 * A {@link LoadedModel}'s counterpart for training: the same network's text with operators that
 * have a backward, float32 weights, and an optimiser's step behind it.
 *
 * @param networks that of documents, and that of queries where they have one of their own
 * @param weights of all networks
 * @param table what first texts are looked up in: the last of the weights
 * @param dropout the rate of most of what drops out
 */
record TrainableModel(
    List<TrainedNetwork> networks,
    TrainedWeights weights,
    Optional<QueryTable> table,
    double dropout)
    implements AutoCloseable {
  /** What stands behind the weights for dropout: see the fragment {@code training}. */
  public static final int DROPOUT_TENSORS = 3;

  /** What training has instead of a fragment that writes in place. */
  private static final Map<String, String> WITH_BACKWARD = Map.of("rotate", "rotate-training");

  /** How the optimiser and the loss are set; see {@code --help} of {@code semlux train}. */
  public interface Settings {
    /** Constants of the fragment {@code training-step}. */
    Map<String, ?> constants();

    /** Adds {@code loss(answers, labels, hyper) -> [parts]}. */
    void addLoss(ProgramText text);
  }

  /**
   * Compiles each network with its head, a loss and an optimiser, and reads the weights.
   *
   * @param firstRows of each network the rows of the word vectors that training texts use; all
   *     where empty
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when config and weights disagree
   */
  static TrainableModel load(
      ExampleReader reader, Precision precision, List<Optional<int[]>> firstRows, Settings settings)
      throws IOException {
    List<TextRoute> routes = reader.routes();
    double dropout = dropout(routes.get(0).network());
    TrainableModel model =
        new TrainableModel(
            new ArrayList<>(), new TrainedWeights(reader.folder().name()), reader.table(), dropout);
    boolean loaded = false;
    try {
      for (int i = 0; i < routes.size(); i++) {
        ProgramText text =
            text(routes.get(i), dropout, FastestPrecision.TRAINING.resolve(precision), settings);
        model.networks.add(
            TrainedNetwork.load(
                routes.get(i), text, reader.table(), model.weights, firstRows.get(i)));
      }
      loaded = true;
      return model;
    } finally {
      if (!loaded) {
        model.close();
      }
    }
  }

  /** For what is no network's own. */
  Program program() {
    return networks.get(0).program();
  }

  /** Weights of networks, without those of heads. */
  Collection<Integer> bodies() {
    return places(network -> network.weights().subList(0, network.body()));
  }

  /**
   * Weights that learn as a whole.
   *
   * @param adapted whether narrow matrices learn in place of products
   */
  Collection<Integer> learning(boolean adapted) {
    return places(network -> network.learning(adapted));
  }

  /** Of all networks, ascending. */
  private Collection<Integer> places(Function<TrainedNetwork, List<Integer>> of) {
    Set<Integer> places = new TreeSet<>();
    networks.forEach(network -> places.addAll(of.apply(network)));
    return places;
  }

  private static ProgramText text(
      TextRoute route, double dropout, Precision precision, Settings settings) throws IOException {
    Network network = route.network();
    Map<String, Object> constants = network.allConstants();
    constants.putAll(Constants.of(precision));
    constants.put("masked", dropout);
    constants.put("rows", 3);
    constants.put("padding_id", padding(route.folder(), network));
    constants.put("kept", (int) constants.getOrDefault("late", 0) + route.head().kept());
    constants.put("dropout_tensors", DROPOUT_TENSORS);
    constants.put("trains", "True");
    ProgramText text = ProgramText.empty();
    for (String fragment : List.of("training", "token-products", "groups")) {
      text.add(fragment, constants);
    }
    network.fragments().stream()
        .map(fragment -> WITH_BACKWARD.getOrDefault(fragment, fragment))
        .forEach(fragment -> text.add(fragment, constants));
    route.head().addTrainedTo(text, network.parameters().size(), precision);
    if (route.head().kept() == 0) {
      text.add("autograd", constants);
    }
    settings.addLoss(text);
    text.append(QueryTable.METHODS).append(LowRankAdapters.METHODS);
    constants.putAll(settings.constants());
    return text.add("training-step", constants);
  }

  private static int padding(ModelFolder folder, Network network) throws IOException {
    return network.keepsPadding()
        ? folder.modules().get(0).config("config.json").getInt("pad_token_id", -1)
        : -1;
  }

  private static double dropout(Network network) {
    return ((Number) network.constants().getOrDefault("dropout", 0.0)).doubleValue();
  }

  @Override
  public void close() {
    networks.forEach(network -> network.program().close());
    weights.close();
  }
}
