package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.semlux.training.data.TrainingRow;

/**
 * Queries and answers out of documents alone: a title asks for its text, and a sentence for the
 * text around it (the inverse cloze task, Lee et al. 2019, https://arxiv.org/abs/1906.00300).
 */
public final class PairMaker {
  private static final int FEWEST_WORDS = 4;
  private static final int MOST_WORDS = 40;

  private final Random random;

  /**
   * @param seed decides which sentences ask
   */
  public PairMaker(long seed) {
    random = new Random(seed);
  }

  /** The pairs of a document: none, one or two. */
  public List<TrainingRow> of(Document document) {
    List<TrainingRow> pairs = new ArrayList<>();
    if (!document.title().isBlank()) {
      pairs.add(pair(document.title().strip(), document.text()));
    }
    sentence(document.text()).ifPresent(pairs::add);
    return pairs;
  }

  private Optional<TrainingRow> sentence(String text) {
    List<String> sentences =
        Arrays.stream(text.strip().split("(?<=[.!?。！？])\\s+"))
            .filter(sentence -> !sentence.isBlank())
            .toList();
    int[] asking =
        IntStream.range(0, sentences.size()).filter(i -> asks(sentences.get(i))).toArray();
    if (sentences.size() < 2 || asking.length == 0) {
      return Optional.empty();
    }
    int chosen = asking[random.nextInt(asking.length)];
    List<String> rest = new ArrayList<>(sentences);
    rest.remove(chosen);
    return Optional.of(pair(sentences.get(chosen), String.join(" ", rest)));
  }

  private static boolean asks(String sentence) {
    int words = sentence.split("\\s+").length;
    return words >= FEWEST_WORDS && words <= MOST_WORDS;
  }

  private static TrainingRow pair(String query, String answer) {
    return new TrainingRow(List.of(query, answer), List.of());
  }
}
