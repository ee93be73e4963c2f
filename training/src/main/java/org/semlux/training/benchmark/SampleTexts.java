package org.semlux.training.benchmark;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Texts to measure with when the user has none: English words in random order. Lengths are
 * log-normal around a dozen words, from a question to a paragraph, as real short texts' are.
 *
 * {@snippet lang=java :
 * List<String> texts = SampleTexts.of(1_000); // the same in each process
 * }
 */
public final class SampleTexts {
  private static final List<String> WORDS =
      List.of(
          ("the a of and to in is was for on with as by at from that this which it are were has had"
                  + " water river mountain city train station ticket price market bank money account"
                  + " password reset email server network error light energy battery engine wheel"
                  + " doctor hospital medicine heart patient garden flower bread cheese coffee kitchen"
                  + " music guitar concert museum painting history language book school teacher child"
                  + " weather winter summer travel island harbour ship planet star telescope research"
                  + " opens runs grows measures explains replaces carries finds keeps turns quickly"
                  + " slowly often never large small bright ancient northern careful unexpected")
              .split(" "));

  private static final int LONGEST = 120;

  /** With what stands around every text, these make 120 tokens of most vocabularies. */
  private static final int PASSAGE = 118;

  private SampleTexts() {}

  /** The same texts every time. */
  public static List<String> of(int count) {
    Random random = new Random(1);
    return IntStream.range(0, count).mapToObj(i -> text(random)).toList();
  }

  /** Passages of equal length, as a reranker reads them; the same every time. */
  public static List<String> passages(int count) {
    Random random = new Random(2);
    return IntStream.range(0, count).mapToObj(i -> words(PASSAGE, random)).toList();
  }

  private static String text(Random random) {
    int length = (int) Math.round(Math.exp(2.4 + 0.6 * random.nextGaussian()));
    return words(Math.min(LONGEST, Math.max(1, length)), random);
  }

  private static String words(int length, Random random) {
    return IntStream.range(0, length)
        .mapToObj(i -> WORDS.get(random.nextInt(WORDS.size())))
        .collect(Collectors.joining(" "));
  }
}
