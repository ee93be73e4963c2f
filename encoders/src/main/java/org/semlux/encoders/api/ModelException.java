package org.semlux.encoders.api;

/**
 * A model folder that cannot be used as it is, or an input that a model cannot take. The message
 * names the model, what was expected and what was found.
 */
public final class ModelException extends RuntimeException {
  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Reads "model [name]: problem". */
  public static ModelException of(String model, String problem) {
    return new ModelException("model [" + model + "]: " + problem);
  }
}
