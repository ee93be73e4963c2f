package org.semlux.training.sparsify;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * The last state that a network gives each word of its vocabulary when it reads the word alone,
 * between the special tokens of a text.
 *
 * @param rows {@code [vocabulary * hidden]} of length 1, row by row; 0 where there is no word
 * @param largest the largest number of all states, before they had that length
 */
record WordStates(int vocabulary, int hidden, float[] rows, float largest) {
  /** Tokens of a batch: few states are in memory at a time. */
  private static final int TOKENS = 4_096;

  /** A head that hands the states out, {@code [tokens, hidden]}. */
  record States() implements Head {
    @Override
    public void addTo(ProgramText text, int firstWeight, Precision precision) {
      text.append(
          """
            def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
              return (self).body(tokens, groups, (self).plan(torch.select(sequences, 0, 0), groups), w)
          """);
    }

    @Override
    public void addTo(WeightList weights) {}
  }

  /**
   * Reads all words, without a prompt.
   *
   * @param wordless ids that are left out
   * @param progress told how many more words have been read
   */
  static WordStates of(
      ModelFolder folder,
      Network network,
      Tokenizer tokenizer,
      Set<Integer> wordless,
      LongConsumer progress)
      throws IOException {
    int[] special = tokenizer.tokenize("").ids();
    int place = tokenizer.specialTokensBefore();
    int hidden = network.hidden();
    int vocabulary = network.vocabularySize();
    int[] ids = IntStream.range(0, vocabulary).filter(id -> !wordless.contains(id)).toArray();
    List<Tokens> words = Arrays.stream(ids).mapToObj(word -> alone(word, special, place)).toList();
    Filling filling = new Filling(ids, vocabulary, hidden, special.length + 1);
    try (LoadedModel model = LoadedModel.load(folder, network, new States(), Precision.FLOAT32)) {
      new BatchRun(model, TOKENS, vocabulary) // all are equally long and so stay in their order
          .over(
              words,
              NativeScope::toFloats,
              (states, count) -> {
                filling.add(states, place);
                progress.accept(count);
              });
    }
    return new WordStates(vocabulary, hidden, filling.rows, filling.largest);
  }

  private static Tokens alone(int word, int[] special, int place) {
    int[] ids = new int[special.length + 1];
    System.arraycopy(special, 0, ids, 0, place);
    ids[place] = word;
    System.arraycopy(special, place, ids, place + 1, special.length - place);
    return new Tokens(ids, new int[ids.length], 0);
  }

  /** Rows as they come in. */
  private static final class Filling {
    private final int[] words;
    private final float[] rows;
    private final int hidden;
    private final int tokens;
    private int done;
    private float largest;

    /**
     * @param words ids, as their states come
     * @param tokens of each word's text
     */
    Filling(int[] words, int vocabulary, int hidden, int tokens) {
      this.words = words;
      this.rows = new float[vocabulary * hidden];
      this.hidden = hidden;
      this.tokens = tokens;
    }

    void add(float[] states, int place) {
      for (int from = place * hidden; from < states.length; from += tokens * hidden) {
        double squares = 0;
        for (int i = from; i < from + hidden; i++) {
          largest = Math.max(largest, Math.abs(states[i]));
          squares += (double) states[i] * states[i];
        }
        double length = squares > 0 ? Math.sqrt(squares) : 1;
        int row = words[done++] * hidden;
        for (int i = 0; i < hidden; i++) {
          rows[row + i] = (float) (states[from + i] / length);
        }
      }
    }
  }
}
