package org.semlux.encoders.network;

import java.io.IOException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/** What makes an answer of token states: the part of a program behind a {@link Network}. */
public interface Head {
  /**
   * The head of a folder's kind. Of a sparse model each route is a folder of its own, as {@link
   * org.semlux.encoders.folder.Router} says.
   *
   * @throws org.semlux.encoders.api.ModelException when the folder has none, or asks for what is
   *     not supported
   */
  static Head of(ModelFolder folder, Network network) throws IOException {
    return switch (folder.kind()) {
      case DENSE -> DenseHead.of(folder, network);
      case SPARSE -> SpladeHead.of(folder, network);
      case CROSS -> ScoreHead.of(folder, network);
      case MULTI_VECTOR -> MultiVectorHead.of(folder, network);
    };
  }

  /**
   * Adds this head's methods to a program that has a network's.
   *
   * @param firstWeight where this head's weights begin in the program's list
   * @param precision the one served, never AUTO
   */
  void addTo(ProgramText text, int firstWeight, Precision precision);

  /**
   * Adds the methods that train this head: those that serve it, mostly. Their {@code encode} gives
   * {@code [sequences, numbers]}, which a loss takes.
   */
  default void addTrainedTo(ProgramText text, int firstWeight, Precision precision) {
    addTo(text, firstWeight, precision);
  }

  /**
   * Where the network's weights are read: what is tied to one of this head's may be stored as that.
   */
  default TensorSource bodyOf(TensorSource source) {
    return source;
  }

  /**
   * How many tensors the {@code encode} that {@link #addTrainedTo} adds keeps for the gradients. A
   * head that keeps some adds {@code root} and {@code head_gradients} of its own; see the fragment
   * {@code autograd}.
   */
  default int kept() {
    return 0;
  }

  /** Whether the sequences that it answers for are pairs of texts. */
  default boolean readsPairs() {
    return false;
  }

  /** Reads this head's weights, after the network's. */
  void addTo(WeightList weights) throws IOException;
}
