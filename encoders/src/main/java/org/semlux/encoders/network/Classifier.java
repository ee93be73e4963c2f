package org.semlux.encoders.network;

import java.util.Optional;

/**
 * What an architecture's sequence classifier has behind the network: one state a text, mostly a
 * layer, one product.
 *
 * @param pooling which state: a mode of {@link Pooling}
 * @param layer before the last product; empty where there is none
 * @param out the last product's module
 * @param bias whether that has one
 * @param firstDropout the rate before the layer, in training
 * @param lastDropout the rate before the last product, in training
 */
public record Classifier(
    String pooling,
    Optional<HeadLayer> layer,
    String out,
    boolean bias,
    double firstDropout,
    double lastDropout) {
  /** One that reads the first state through a layer. */
  static Classifier ofFirstState(
      HeadLayer layer, String out, double firstDropout, double lastDropout) {
    return new Classifier("cls", Optional.of(layer), out, true, firstDropout, lastDropout);
  }
}
