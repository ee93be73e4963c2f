package org.semlux.encoders.load;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.text.Vocabulary;

/**
 * What a sparse model gives a text, before anybody has chosen from it.
 *
 * @param ids each once, in any order
 */
public record Terms(int[] ids, float[] weights) {
  /** What a caller asked for, in the order it is answered in. */
  public TermWeights choose(Vocabulary vocabulary, SparseOptions options) {
    long[] order = new long[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (options.specialTokens() == SpecialTokens.KEEP
          || !vocabulary.specialIds().contains(ids[i])) {
        order[count++] = (long) ~sortable(weights[i]) << Integer.SIZE | ids[i];
      }
    }
    Arrays.sort(order, 0, count);
    float[] sorted = new float[count];
    for (int i = 0; i < count; i++) {
      sorted[i] = unsortable(~(int) (order[i] >> Integer.SIZE));
    }
    int kept = options.pruning().kept(sorted);
    int[] chosen = new int[kept];
    String[] tokens = new String[kept];
    for (int i = 0; i < kept; i++) {
      chosen[i] = (int) order[i];
      tokens[i] = vocabulary.token(chosen[i]);
    }
    return new TermWeights(chosen, tokens, Arrays.copyOf(sorted, kept));
  }

  /** Those of the largest magnitudes, as a model's {@code max_active_dims} keeps them. */
  public Terms largest(int most) {
    if (ids.length <= most) {
      return this;
    }
    int[] places =
        IntStream.range(0, ids.length)
            .boxed()
            .sorted(Comparator.comparing(place -> -Math.abs(weights[place])))
            .limit(most)
            .mapToInt(Integer::intValue)
            .toArray();
    float[] kept = new float[most];
    for (int i = 0; i < most; i++) {
      kept[i] = weights[places[i]];
    }
    return new Terms(Arrays.stream(places).map(place -> ids[place]).toArray(), kept);
  }

  /** Integers in the order of the floats. */
  private static int sortable(float weight) {
    int bits = Float.floatToIntBits(weight);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  private static float unsortable(int sortable) {
    return Float.intBitsToFloat(sortable ^ (sortable >> 31 & Integer.MAX_VALUE));
  }
}
