package org.semlux.encoders.network;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an architecture's sequence classifier has behind the network: one state a text, mostly a
 * layer, one product.
 *
 * @param pooling which state: a mode of {@link Pooling}
 * @param padding the id of a token that ends texts and is not read, where there is one
 * @param layer before the last product; empty where there is none
 * @param out the last product's module
 * @param bias whether that has one
 * @param firstDropout the rate before the layer, in training
 * @param lastDropout the rate before the last product, in training
 */
public record Classifier(
    String pooling,
    OptionalInt padding,
    Optional<HeadLayer> layer,
    String out,
    boolean bias,
    double firstDropout,
    double lastDropout) {
  /** One that reads the first state through a layer. */
  static Classifier ofFirstState(
      HeadLayer layer, String out, double firstDropout, double lastDropout) {
    return new Classifier(
        "cls", OptionalInt.empty(), Optional.of(layer), out, true, firstDropout, lastDropout);
  }

  /** One that reads the last state, of a token that is no padding, by a product without bias. */
  static Classifier ofLastState(String out, OptionalInt padding) {
    return new Classifier("lasttoken", padding, Optional.empty(), out, false, 0, 0);
  }
}
