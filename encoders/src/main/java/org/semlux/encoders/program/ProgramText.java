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
 * Those that only training uses lie in its own jar, in a folder of the same name.
 *
 * {@snippet lang=java :
 * ProgramText text = ProgramText.of("normalize"); // the fragment normalize.torchscript
 * ProgramText.fill("torch.mul(x, ${factor})", Map.of("factor", 2)); // "torch.mul(x, 2)"
 * }
 */
public final class ProgramText {
  private static final Pattern CONSTANT = Pattern.compile("\\$\\{([\\w.]+)}");

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
   * @param constants a value for every {@code ${name}} of the fragment that {@link Constants} has
   *     no other for
   * @throws IllegalArgumentException when a constant has no value
   */
  public ProgramText add(String fragment, Map<String, ?> constants) {
    String resource = fragment + ".torchscript";
    try (InputStream in = ProgramText.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no program fragment " + resource);
      }
      return append(new String(in.readAllBytes(), UTF_8), constants);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(resource + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds methods that are written like a fragment and take no constants of a model. */
  public ProgramText append(String methods) {
    return append(methods, Map.of());
  }

  /** Adds methods that are written like a fragment. */
  public ProgramText append(String methods, Map<String, ?> constants) {
    text.append(fill(methods, constants));
    return this;
  }

  /**
   * A template with its constants filled in.
   *
   * @throws IllegalArgumentException when one has no value
   */
  public static String fill(String template, Map<String, ?> constants) {
    Matcher matcher = CONSTANT.matcher(template);
    return matcher.replaceAll(
        match -> {
          Object value = Constants.find(match.group(1), constants);
          if (value == null) {
            throw new IllegalArgumentException("no value for " + match.group());
          }
          return Matcher.quoteReplacement(value.toString());
        });
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
