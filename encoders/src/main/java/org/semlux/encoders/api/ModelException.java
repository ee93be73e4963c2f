package org.semlux.encoders.api;

import java.util.regex.Pattern;

/**
 * A model folder that cannot be used as it is, or an input that a model cannot take. The message
 * names the model, what was expected and what was found, in one line of bounded length, however
 * long the names are that a folder or a request brings.
 *
 * {@snippet lang=java :
 * try (Encoder encoder = Encoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   System.out.println(encoder.info());
 * } catch (ModelException e) {
 *   System.err.println(e.getMessage()); // model [model]: no model.safetensors
 * }
 * }
 */
public final class ModelException extends RuntimeException {
  /** Characters of a message at most. */
  private static final int MAX_LENGTH = 600;

  /** Characters of a name or a value within one. */
  private static final int MAX_VALUE = 100;

  /** Half characters too: no answer could be written that holds one. */
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\p{Cs}]+");

  public ModelException(String message) {
    super(line(message, MAX_LENGTH));
  }

  public ModelException(String message, Throwable cause) {
    super(line(message, MAX_LENGTH), cause);
  }

  /** Reads "model [name]: problem". */
  public static ModelException of(String model, String problem) {
    return new ModelException("model [" + model + "]: " + problem);
  }

  /** A message of somebody else's as ours are: one line, not too long. */
  public static String sentence(String message) {
    return line(message, MAX_LENGTH);
  }

  /** A name or value that somebody else chose, as a message shows it: one line, not too long. */
  public static String brief(String value) {
    return line(value, MAX_VALUE);
  }

  /** Cuts in the middle: messages begin with the thing and end with what to do. */
  private static String line(String text, int length) {
    if (text == null) {
      return null;
    }
    String cut =
        text.length() <= length
            ? text
            : text.substring(0, length * 2 / 3)
                + " … "
                + text.substring(text.length() - length / 3);
    return CONTROLS.matcher(cut).replaceAll(" ");
  }
}
