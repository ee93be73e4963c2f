package org.semlux.encoders.batch;

/**
 * Is told of requests that were answered, on the callback executor.
 *
 * {@snippet lang=java :
 * RequestLog log =
 *     (model, request, nanos) ->
 *         System.out.println(request.inputs().size() + " texts in " + nanos / 1_000_000 + " ms");
 * EncoderOptions options = EncoderOptions.defaults().withLog(log);
 * }
 */
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
