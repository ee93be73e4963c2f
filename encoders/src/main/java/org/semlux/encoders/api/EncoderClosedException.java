package org.semlux.encoders.api;

/** The encoder was closed before this request was encoded. */
public final class EncoderClosedException extends RuntimeException {
  public EncoderClosedException(String model) {
    super("model [" + model + "] was closed before the request was encoded");
  }
}
