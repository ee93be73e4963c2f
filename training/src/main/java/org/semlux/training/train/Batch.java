package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/**
 * Examples whose answers meet in one loss, as threads share them: the sequences of each network
 * sorted by length, all sides of the rows in one go, and cut into parts of about as many tokens.
 *
 * @param parts never empty; one network's after the other's
 * @param lookedUp first sequences of all rows, where those do not go through the network; or none
 * @param order for all first sequences, then all second ones and so on, its place among those of
 *     the parts, and behind them those looked up; 0 where a row has none
 * @param rows examples
 * @param labels as many for each row; NaN where one has fewer, 0 where none has any
 */
record Batch(List<Part> parts, List<Tokens> lookedUp, int[] order, int rows, float[] labels) {
  /**
   * Sequences that go through a network together.
   *
   * @param network its place among the model's
   */
  record Part(int network, TokenBatch sequences) {}

  /** Which way first sequences go; all others go through the first network. */
  enum FirstSide {
    /** That of all others. */
    AS_OTHERS,
    /** Through the second network. */
    OWN_NETWORK,
    /** Through none. */
    LOOKED_UP
  }

  /**
   * As many parts of each network as there are threads, or more where one is not to have more than
   * about so many sequences of the mean length.
   *
   * @param sequences 0: any number
   */
  static Batch of(List<Example> examples, int threads, int sequences, FirstSide first) {
    int rows = examples.size();
    int sides = examples.stream().mapToInt(example -> example.sequences().size()).max().orElse(0);
    int[] order = new int[sides * rows];
    List<Part> parts = new ArrayList<>();
    int placed = 0;
    for (int network = 0; network < (first == FirstSide.OWN_NETWORK ? 2 : 1); network++) {
      int from = network == 0 && first != FirstSide.AS_OTHERS ? rows : 0;
      int to = network == 1 ? rows : sides * rows;
      List<Integer> slots =
          IntStream.range(from, to)
              .filter(slot -> slot / rows < examples.get(slot % rows).sequences().size())
              .boxed()
              .sorted(Comparator.comparingInt(slot -> sequence(examples, slot).length()))
              .toList();
      for (int slot : slots) {
        order[slot] = placed++;
      }
      int least = sequences > 0 ? Math.ceilDiv(slots.size(), sequences) : 0;
      List<Tokens> sorted = slots.stream().map(slot -> sequence(examples, slot)).toList();
      for (TokenBatch part : cut(sorted, Math.max(threads, least))) {
        parts.add(new Part(network, part));
      }
    }
    List<Tokens> lookedUp = new ArrayList<>();
    for (int row = 0; first == FirstSide.LOOKED_UP && row < rows; row++) {
      order[row] = placed++;
      lookedUp.add(sequence(examples, row));
    }
    return new Batch(parts, lookedUp, order, rows, labels(examples));
  }

  /**
   * @param slot of all first sequences, then all second ones and so on
   */
  private static Tokens sequence(List<Example> examples, int slot) {
    return examples.get(slot % examples.size()).sequences().get(slot / examples.size());
  }

  /** The parts of the network that has most of them. */
  int mostParts() {
    int second = (int) parts.stream().filter(part -> part.network == 1).count();
    return Math.max(second, parts.size() - second);
  }

  private static float[] labels(List<Example> examples) {
    int width = examples.stream().mapToInt(example -> example.labels().length).max().orElse(0);
    float[] labels = new float[examples.size() * Math.max(1, width)];
    for (int row = 0; row < examples.size() && width > 0; row++) {
      float[] own = examples.get(row).labels();
      System.arraycopy(own, 0, labels, row * width, own.length);
      Arrays.fill(labels, row * width + own.length, (row + 1) * width, Float.NaN);
    }
    return labels;
  }

  /** An empty text is worked on too. */
  private static int cost(Tokens sequence) {
    return Math.max(1, sequence.length());
  }

  private static List<TokenBatch> cut(List<Tokens> sequences, int count) {
    long all = sequences.stream().mapToInt(Batch::cost).sum();
    List<TokenBatch> parts = new ArrayList<>();
    int first = 0;
    long tokens = 0;
    for (int i = 0; i < sequences.size(); i++) {
      tokens += cost(sequences.get(i));
      boolean full = tokens * count >= all * (parts.size() + 1);
      if (full || i == sequences.size() - 1) {
        parts.add(TokenBatch.of(sequences.subList(first, i + 1)));
        first = i + 1;
      }
    }
    return parts;
  }
}
