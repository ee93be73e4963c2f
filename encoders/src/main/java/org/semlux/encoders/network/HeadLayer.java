package org.semlux.encoders.network;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The layer that many heads begin with: a product, an activation and, with some, a norm.
 *
 * @param dense the product's module
 * @param width numbers that it gives; as many as it takes where this is empty
 * @param bias whether it has one
 * @param ofNetwork whether the module belongs to the network's own class, as BERT's pooler does
 */
public record HeadLayer(
    String dense,
    OptionalInt width,
    boolean bias,
    boolean ofNetwork,
    Activation activation,
    Optional<Norm> norm) {
  /**
   * A norm behind it.
   *
   * @param module its name
   * @param bias whether it has one
   * @param eps added to variances
   */
  public record Norm(String module, boolean bias, double eps) {}

  /** One with a bias and without a norm. */
  static HeadLayer of(String dense, Activation activation) {
    return of(dense, true, activation);
  }

  /** One without a norm. */
  static HeadLayer of(String dense, boolean bias, Activation activation) {
    return new HeadLayer(dense, OptionalInt.empty(), bias, false, activation, Optional.empty());
  }

  /** Whether large numbers go through its activation as they are. */
  public boolean passesLargeNumbers() {
    return activation.passesLargeNumbers();
  }

  /** The same as a module of the network's own class. */
  HeadLayer inNetwork() {
    return new HeadLayer(dense, width, bias, true, activation, norm);
  }

  /** The same with a norm. */
  HeadLayer with(Norm behind) {
    return new HeadLayer(dense, width, bias, ofNetwork, activation, Optional.of(behind));
  }

  /** The same for states of another width. */
  HeadLayer to(int other) {
    return new HeadLayer(dense, OptionalInt.of(other), bias, ofNetwork, activation, norm);
  }
}
