package org.semlux.encoders.batch;

/** Is told of requests that were answered, on the callback executor. */
@FunctionalInterface
public interface RequestLog {
  /** Notes nothing. */
  RequestLog NONE = (model, request, nanos) -> {};

  /**
   * A request has its answers.
   *
   * @param nanos since it was submitted
   */
  void finished(String model, BatchRequest<?, ?> request, long nanos);
}
