package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/**
 * Examples whose answers meet in one loss, as threads share them: all their sequences sorted by
 * length, all sides of the rows in one go, and cut into parts of about as many tokens.
 *
 * @param parts never empty
 * @param lookedUp first sequences of all rows, where those do not go through the network; or none
 * @param order for all first sequences, then all second ones and so on, its place among those of
 *     the parts, and behind them those looked up; 0 where a row has none
 * @param rows examples
 * @param labels as many for each row; NaN where one has fewer, 0 where none has any
 */
record Batch(List<TokenBatch> parts, List<Tokens> lookedUp, int[] order, int rows, float[] labels) {

  static Batch of(List<Example> examples, int parts) {
    return of(examples, parts, false);
  }

  private static Batch of(List<Example> examples, int parts, boolean looksUp) {
    List<Tokens> sequences = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    int rows = examples.size();
    int sides = examples.stream().mapToInt(example -> example.sequences().size()).max().orElse(0);
    for (int side = looksUp ? 1 : 0; side < sides; side++) {
      for (int row = 0; row < rows; row++) {
        if (side < examples.get(row).sequences().size()) {
          sequences.add(examples.get(row).sequences().get(side));
          slots.add(side * rows + row);
        }
      }
    }
    List<Integer> sorted =
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> sequences.get(i).length()))
            .toList();
    int[] order = new int[sides * rows];
    for (int place = 0; place < sorted.size(); place++) {
      order[slots.get(sorted.get(place))] = place;
    }
    List<Tokens> lookedUp = new ArrayList<>();
    for (int row = 0; looksUp && row < rows; row++) {
      order[row] = sorted.size() + row;
      lookedUp.add(examples.get(row).sequences().get(0));
    }
    List<Tokens> ordered = sorted.stream().map(sequences::get).toList();
    return new Batch(cut(ordered, parts), lookedUp, order, rows, labels(examples));
  }

  /**
   * As many parts as there are threads, or more where one is not to have more than about so many
   * sequences of the mean length; 0: any.
   *
   * @param looksUp whether the first sequences are looked up
   */
  static Batch of(List<Example> examples, int threads, int sequences, boolean looksUp) {
    int all = examples.stream().mapToInt(example -> example.sequences().size()).sum();
    int parts = sequences > 0 ? Math.ceilDiv(all, sequences) : threads;
    return of(examples, Math.max(threads, parts), looksUp);
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
