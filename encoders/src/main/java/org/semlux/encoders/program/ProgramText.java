package org.semlux.encoders.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TorchScript program put together from fragments: resources beside this class that each hold
 * methods of {@code class Program}, with {@code ${name}} where a model's constants go. Sizes are
 * constants of the text and not arguments, so that a fragment reads like the paper that it follows.
 */
public final class ProgramText {
  private static final Pattern CONSTANT = Pattern.compile("\\$\\{(\\w+)}");

  private final StringBuilder text =
      new StringBuilder(
          """
          class Program(Module):
            __parameters__ = []
            __buffers__ = []
            training : bool
          """);

  private ProgramText() {}

  /** A program of one fragment without constants. */
  public static ProgramText of(String fragment) {
    return new ProgramText().add(fragment, Map.of());
  }

  public static ProgramText empty() {
    return new ProgramText();
  }

  /**
   * Adds the methods of a fragment.
   *
   * @param fragment the resource's name without its ending
   * @param constants a value for every {@code ${name}} of the fragment
   * @throws IllegalArgumentException when a constant has no value
   */
  public ProgramText add(String fragment, Map<String, ?> constants) {
    String resource = fragment + ".torchscript";
    try (InputStream in = ProgramText.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no program fragment " + resource);
      }
      return append(fill(resource, new String(in.readAllBytes(), UTF_8), constants));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds one method, written with the indentation of a fragment. */
  public ProgramText append(String methods) {
    text.append(methods);
    return this;
  }

  private static String fill(String resource, String template, Map<String, ?> constants) {
    Matcher matcher = CONSTANT.matcher(template);
    return matcher.replaceAll(
        match -> {
          Object value = constants.get(match.group(1));
          if (value == null) {
            throw new IllegalArgumentException(resource + " needs " + match.group());
          }
          return Matcher.quoteReplacement(value.toString());
        });
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
