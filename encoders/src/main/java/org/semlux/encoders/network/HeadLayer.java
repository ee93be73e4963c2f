package org.semlux.encoders.network;

import java.util.Optional;

/**
 * The layer that many heads begin with: a product, an activation and, with some, a norm.
 *
 * @param dense the product's module
 * @param bias whether it has one
 * @param ofNetwork whether the module belongs to the network's own class, as BERT's pooler does
 */
public record HeadLayer(
    String dense, boolean bias, boolean ofNetwork, Activation activation, Optional<Norm> norm) {
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
    return new HeadLayer(dense, true, false, activation, Optional.empty());
  }

  /** The same as a module of the network's own class. */
  HeadLayer inNetwork() {
    return new HeadLayer(dense, bias, true, activation, norm);
  }

  /** The same with a norm. */
  HeadLayer with(Norm behind) {
    return new HeadLayer(dense, bias, ofNetwork, activation, Optional.of(behind));
  }
}
