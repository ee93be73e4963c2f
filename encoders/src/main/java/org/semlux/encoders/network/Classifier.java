package org.semlux.encoders.network;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an architecture's sequence classifier has behind the network: one state a text, mostly a
 * layer, one product.
 *
 * @param pooling which state: a mode of {@link Pooling}
 * @param late whether the layer stands before the pooling, and so works on every token
 * @param padding the id of a token that ends texts and is not read, where there is one
 * @param layer before the last product; empty where there is none
 * @param out the last product's module
 * @param bias whether that has one
 * @param firstDropout the rate before the layer, in training; none where it is late
 * @param lastDropout the rate before the last product, in training
 */
public record Classifier(
    String pooling,
    boolean late,
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
        "cls",
        false,
        OptionalInt.empty(),
        Optional.of(layer),
        out,
        true,
        firstDropout,
        lastDropout);
  }

  /** One that reads pooled states through a layer, or pools what the layer gives. */
  static Classifier ofPooled(
      String pooling, boolean late, HeadLayer layer, String out, double lastDropout) {
    return new Classifier(
        pooling, late, OptionalInt.empty(), Optional.of(layer), out, true, 0, lastDropout);
  }

  /** One that reads the last state, of a token that is no padding, by a product without bias. */
  static Classifier ofLastState(String out, OptionalInt padding) {
    return new Classifier("lasttoken", false, padding, Optional.empty(), out, false, 0, 0);
  }
}
