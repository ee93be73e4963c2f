package org.semlux.training.train;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;

/**
 * One network of a model that is trained, with its head.
 *
 * @param program its methods are described in the fragment {@code training-step}; threads may run
 *     those at once that change nothing, or other weights
 * @param weights what the program takes: their places among all of the model
 * @param body how many of them are the network's, before the head's
 * @param firstWhole the first of them that learns as a whole where narrow matrices learn in place
 *     of products
 * @param keepsVectors whether the first of them does not learn
 * @param rowOf the row of the held word vectors that an id stands for
 */
record TrainedNetwork(
    Program program,
    List<Integer> weights,
    int body,
    int firstWhole,
    boolean keepsVectors,
    IntUnaryOperator rowOf) {
  /**
   * Reads the weights behind those that there are, and compiles the program.
   *
   * @param table that is read after them
   * @param firstRows rows of the word vectors that are held; all where empty
   */
  static TrainedNetwork load(
      TextRoute route,
      ProgramText text,
      Optional<QueryTable> table,
      TrainedWeights all,
      Optional<int[]> firstRows)
      throws IOException {
    Network network = route.network();
    NetworkWeights own = all.own(firstRows);
    own.add(
        network.parameters(),
        route.head().bodyOf(route.folder().weights(network.modules())),
        network.prefix());
    route.head().addTo(own);
    int count = own.places().size();
    if (table.isPresent()) {
      table.get().addTo(own);
    }
    return new TrainedNetwork(
        Program.compile(text),
        own.places(),
        network.parameters().size(),
        route.firstWhole(count),
        route.keepsVectors(),
        firstRows
            .<IntUnaryOperator>map(held -> id -> Arrays.binarySearch(held, id))
            .orElse(IntUnaryOperator.identity()));
  }

  /** Those of its weights that learn as a whole. */
  List<Integer> learning(boolean adapted) {
    int first = adapted ? firstWhole : 0;
    return weights.subList(keepsVectors ? Math.max(1, first) : first, weights.size());
  }
}
