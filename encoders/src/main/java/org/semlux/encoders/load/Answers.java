package org.semlux.encoders.load;

import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.text.Tokens;

/**
 * What is demanded of a model's answers: when it is loaded, and of each text.
 *
 * {@snippet lang=java :
 * List<String> texts = Answers.probes(256); // the last of them has about 256 tokens
 * Answers.requireFinite("mini", new float[] {.6f, .8f}); // a ModelException where one is NaN
 * }
 */
public final class Answers {
  /**
   * Tokens of a probe's longest text: the lengths of most models, and above those where serving
   * takes another way. Each answer is looked at when longer ones come, so that no load takes the
   * time of thousands of tokens.
   */
  private static final int MOST_TOKENS = 512;

  private Answers() {}

  /**
   * The texts of a probe, from the shortest on: an empty one, a short one, one of words that no
   * vocabulary has, and one as long as the model reads, up to {@value #MOST_TOKENS} tokens.
   */
  public static List<String> probes(int maxTokens) {
    return List.of(
        "",
        "a text",
        "\uE000\uE001 \u0378qzxv \uD83D\uDE80",
        "text ".repeat(Math.min(MOST_TOKENS, maxTokens)));
  }

  /**
   * Asks a model: each probe alone, then the short ones in a batch.
   *
   * @param encode answers for sequences sorted by length
   * @param check throws when an answer is none
   * @throws ModelException when the model answers with too few or with no numbers
   */
  public static <R> void probe(
      String model,
      Stream<Tokens> probes,
      Function<List<Tokens>, List<R>> encode,
      Consumer<R> check) {
    List<Tokens> sequences = probes.sorted(Comparator.comparingInt(Tokens::length)).toList();
    sequences.forEach(sequence -> ask(model, List.of(sequence), encode, check));
    ask(model, sequences.subList(0, sequences.size() - 1), encode, check);
  }

  private static <R> void ask(
      String model,
      List<Tokens> sequences,
      Function<List<Tokens>, List<R>> encode,
      Consumer<R> check) {
    List<R> answers = encode.apply(sequences);
    if (answers.size() != sequences.size()) {
      throw ModelException.of(
          model, "it gives %s answers for %s texts".formatted(answers.size(), sequences.size()));
    }
    answers.forEach(check);
  }

  /**
   * Numbers that a program gave for some texts.
   *
   * @throws ModelException when there are more or fewer than expected
   */
  public static void requireCount(String model, float[] numbers, int expected, int texts) {
    if (numbers.length != expected) {
      throw ModelException.of(
          model,
          "it gives %s numbers for %s texts, expected %s"
              .formatted(numbers.length, texts, expected));
    }
  }

  /**
   * Numbers that may leave an encoder.
   *
   * @throws ModelException when one is NaN or infinite
   */
  public static void requireFinite(String model, float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw ModelException.of(
            model,
            "its answer to a text holds NaN or infinite numbers: its weights or settings are"
                + " damaged, or it needs another precision");
      }
    }
  }
}
