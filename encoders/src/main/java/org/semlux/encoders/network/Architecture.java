package org.semlux.encoders.network;

import java.io.IOException;
import java.util.regex.Pattern;
import org.semlux.encoders.folder.JsonFile;

/**
 * An architecture by its names in Hugging Face's transformers.
 *
 * @param type the {@code model_type} of its configs
 * @param pythonClass what its classes begin with, such as {@code Bert} of {@code BertModel}
 * @param tokenizer the class of its tokenizer, where no file names one; {@link #FILE_ALONE}, or
 *     empty for none
 * @param description what reads a config and knows all the rest
 */
public record Architecture(
    String type, String pythonClass, String tokenizer, Description description) {
  /**
   * The class that takes {@code tokenizer.json} as it is, as the reference does for some
   * architectures whatever class their files name.
   */
  public static final String FILE_ALONE = "TokenizersBackend";

  /** The one class that describes an architecture: its constructor. */
  public interface Description {
    /**
     * The network that a config describes.
     *
     * @param model the model's name, for messages
     * @throws org.semlux.encoders.api.ModelException when the config asks for what is not supported
     */
    Network of(String model, JsonFile config) throws IOException;
  }

  /**
   * Whether a class of the library is called so: the network alone, or one with a head, such as
   * {@code BertForMaskedLM}.
   *
   * @param name an entry of a config's {@code architectures}, or a class of its {@code auto_map}
   */
  boolean hasClass(String name) {
    String family = pythonClass.replaceFirst("(Encoder|Text)$", ""); // heads' names lack it
    return name.matches(Pattern.quote(family) + "(Encoder|Text)?((PreTrained)?Model|For[A-Z]\\w*)");
  }
}
