package org.semlux.encoders.load;

import java.util.Optional;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.batch.BatchLimits;
import org.semlux.encoders.batch.RequestLog;
import org.semlux.encoders.batch.Workers;

/**
 * How an encoder computes: in which numbers, on which threads, in what batches.
 *
 * {@snippet lang=java :
 * EncoderOptions options =
 *     EncoderOptions.defaults()
 *         .withPrecision(Precision.FLOAT32)
 *         .withWorkers(Workers.ofThreads(4))
 *         .withLimits(BatchLimits.defaults().withQueueBytes(16L << 20));
 * try (Encoder encoder = Encoder.load(Path.of("model"), options)) {
 *   System.out.println(encoder.info());
 * }
 * }
 *
 * @param calibration texts for {@link Precision#INT8}; the folder's or the build's own where empty
 * @param log is told of requests that were answered
 */
public record EncoderOptions(
    Precision precision,
    Workers workers,
    BatchLimits limits,
    Optional<Calibration> calibration,
    RequestLog log) {
  public EncoderOptions(Precision precision, Workers workers, BatchLimits limits) {
    this(precision, workers, limits, Optional.empty(), RequestLog.NONE);
  }

  /** The CPU's best precision, one thread a core, batches as measured best. */
  public static EncoderOptions defaults() {
    return new EncoderOptions(Precision.AUTO, Workers.shared(), BatchLimits.defaults());
  }

  public EncoderOptions withPrecision(Precision other) {
    return new EncoderOptions(other, workers, limits, calibration, log);
  }

  public EncoderOptions withWorkers(Workers other) {
    return new EncoderOptions(precision, other, limits, calibration, log);
  }

  public EncoderOptions withLimits(BatchLimits other) {
    return new EncoderOptions(precision, workers, other, calibration, log);
  }

  public EncoderOptions withCalibration(Calibration other) {
    return new EncoderOptions(precision, workers, limits, Optional.of(other), log);
  }

  public EncoderOptions withLog(RequestLog other) {
    return new EncoderOptions(precision, workers, limits, calibration, other);
  }
}
