package org.semlux.training.train;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.program.Constants;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;

/**
 * A {@link LoadedModel}'s counterpart for training: the same network's text with operators that
 * have a backward, float32 weights, and an optimiser's step behind it.
 *
 * @param program its methods are described in the fragment {@code training-step}; threads may run
 *     those at once that change nothing, or other weights
 * @param bodyWeights how many of them are the network's, before the head's
 * @param firstWhole the first that learns as a whole where the network is adapted by narrow
 *     matrices: the head's, or what stands behind the head of terms
 * @param table what first texts are looked up in: the last of the weights
 */
record TrainableModel(
    Program program,
    TrainedWeights weights,
    int bodyWeights,
    int firstWhole,
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
   * Compiles a network with a head, a loss and an optimiser, and reads the weights.
   *
   * @param table what first texts are looked up in
   * @param firstRows rows of the word vectors that training texts use; all where empty
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when config and weights disagree
   */
  static TrainableModel load(
      ModelFolder folder,
      Network network,
      Head head,
      Optional<QueryTable> table,
      Precision precision,
      Optional<int[]> firstRows,
      Settings settings)
      throws IOException {
    TrainedWeights weights = new TrainedWeights(folder.name(), firstRows);
    try {
      weights.add(
          network.parameters(), head.bodyOf(folder.weights(network.modules())), network.prefix());
      head.addTo(weights);
      int all = weights.parameters().size();
      if (table.isPresent()) {
        table.get().addTo(weights);
      }
      return new TrainableModel(
          Program.compile(
              text(folder, network, head, FastestPrecision.TRAINING.resolve(precision), settings)),
          weights,
          network.parameters().size(),
          head instanceof SpladeHead ? all : network.parameters().size(),
          table,
          dropout(network));
    } catch (IOException | RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static ProgramText text(
      ModelFolder folder, Network network, Head head, Precision precision, Settings settings)
      throws IOException {
    Map<String, Object> constants = network.allConstants();
    constants.putAll(Constants.of(precision));
    constants.put("masked", dropout(network));
    constants.put("rows", 3);
    constants.put("padding_id", padding(folder, network));
    constants.put("kept", (int) constants.getOrDefault("late", 0) + head.kept());
    constants.put("dropout_tensors", DROPOUT_TENSORS);
    constants.put("trains", "True");
    ProgramText text = ProgramText.empty();
    for (String fragment : List.of("training", "token-products", "groups")) {
      text.add(fragment, constants);
    }
    network.fragments().stream()
        .map(fragment -> WITH_BACKWARD.getOrDefault(fragment, fragment))
        .forEach(fragment -> text.add(fragment, constants));
    head.addTrainedTo(text, network.parameters().size(), precision);
    if (head.kept() == 0) {
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
    program.close();
    weights.close();
  }
}
