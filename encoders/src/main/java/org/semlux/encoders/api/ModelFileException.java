package org.semlux.encoders.api;

import java.io.IOException;

/**
 * A file of a model holds what it must not or lacks what it must: whoever reads it again finds the
 * same, unlike where a disk failed.
 *
 * {@snippet lang=java :
 * try {
 *   JsonFile.read(Path.of("model/config.json"));
 * } catch (ModelFileException e) {
 *   System.err.println(e.getMessage()); // such as: model/config.json holds a list instead of an object
 * }
 * }
 */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1;

  public ModelFileException(String message) {
    super(message);
  }

  public ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
