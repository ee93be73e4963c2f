package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/**
 * Examples whose answers meet in one loss, as threads share them: all their sequences sorted by
 * length, both sides of the pairs in one go, and cut into parts of about as many tokens.
 *
 * @param parts never empty
 * @param order for all first sequences, then all second ones, its place among those of the parts
 * @param labels one an example
 */
record Batch(List<TokenBatch> parts, int[] order, float[] labels) {

  static Batch of(List<Example> examples, int threads) {
    List<Tokens> sequences = new ArrayList<>();
    int sides = examples.get(0).sequences().size();
    for (int side = 0; side < sides; side++) {
      for (Example example : examples) {
        sequences.add(example.sequences().get(side));
      }
    }
    List<Integer> sorted =
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> sequences.get(i).length()))
            .toList();
    int[] order = new int[sequences.size()];
    for (int place = 0; place < order.length; place++) {
      order[sorted.get(place)] = place;
    }
    float[] labels = new float[examples.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = examples.get(i).label();
    }
    return new Batch(cut(sorted.stream().map(sequences::get).toList(), threads), order, labels);
  }

  /** An empty text is worked on too. */
  private static int cost(Tokens sequence) {
    return Math.max(1, sequence.length());
  }

  private static List<TokenBatch> cut(List<Tokens> sequences, int threads) {
    long all = sequences.stream().mapToInt(Batch::cost).sum();
    List<TokenBatch> parts = new ArrayList<>();
    int first = 0;
    long tokens = 0;
    for (int i = 0; i < sequences.size(); i++) {
      tokens += cost(sequences.get(i));
      boolean full = tokens * threads >= all * (parts.size() + 1);
      if (full || i == sequences.size() - 1) {
        parts.add(TokenBatch.of(sequences.subList(first, i + 1)));
        first = i + 1;
      }
    }
    return parts;
  }
}
