package org.semlux.encoders.load;

import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.BatchLimits;
import org.semlux.encoders.batch.Workers;

/** How an encoder computes: in which numbers, on which threads, in what batches. */
public record EncoderOptions(Precision precision, Workers workers, BatchLimits limits) {
  /** The CPU's best precision, one thread a core, batches as measured best. */
  public static EncoderOptions defaults() {
    return new EncoderOptions(Precision.AUTO, Workers.shared(), BatchLimits.defaults());
  }

  public EncoderOptions withPrecision(Precision other) {
    return new EncoderOptions(other, workers, limits);
  }

  public EncoderOptions withWorkers(Workers other) {
    return new EncoderOptions(precision, other, limits);
  }

  public EncoderOptions withLimits(BatchLimits other) {
    return new EncoderOptions(precision, workers, other);
  }
}
