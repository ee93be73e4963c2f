package org.semlux.training.sparsify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;

/** All words in batches against each word by itself. */
class WordStatesTest {
  private static final Path MODELS =
      Path.of(System.getProperty("basedir", "."))
          .resolve("../tests/src/test/resources/goldens")
          .normalize();

  private static final int WORDLESS = 3;

  /** Some tokenizers put a special token behind a text alone. */
  @ParameterizedTest
  @CsvSource({"dense-bert-mean-normalize, 1, 1", "dense-t5-mean-dense, 0, 1"})
  void aWordsRowIsItsStateBetweenTheSpecialTokens(String name, int before, int behind)
      throws IOException {
    ModelFolder folder = ModelFolder.open(MODELS.resolve(name));
    Network network = Networks.of(folder);
    int hidden = network.hidden();
    AtomicLong told = new AtomicLong();
    float largest = 0;
    try (Tokenizer tokenizer = Tokenizers.of(folder, network);
        LoadedModel model =
            LoadedModel.load(folder, network, new WordStates.States(), Precision.FLOAT32)) {
      WordStates words =
          WordStates.of(folder, network, tokenizer, Set.of(WORDLESS), told::addAndGet);
      int[] special = tokenizer.tokenize("").ids();
      assertThat(special).hasSize(before + behind);
      for (int word = 0; word < network.vocabularySize(); word++) {
        if (word == WORDLESS) {
          assertThat(Arrays.copyOfRange(words.rows(), word * hidden, (word + 1) * hidden))
              .containsOnly(0);
          continue;
        }
        int[] ids = new int[special.length + 1];
        System.arraycopy(special, 0, ids, 0, before);
        ids[before] = word;
        System.arraycopy(special, before, ids, before + 1, behind);
        float[] states = states(model, new Tokens(ids, new int[ids.length], 0));
        double squares = 0;
        for (int i = 0; i < hidden; i++) {
          largest = Math.max(largest, Math.abs(states[before * hidden + i]));
          squares += states[before * hidden + i] * states[before * hidden + i];
        }
        for (int i = 0; i < hidden; i++) {
          double expected = states[before * hidden + i] / Math.sqrt(squares);
          assertThat((double) words.rows()[word * hidden + i]).isCloseTo(expected, within(1e-5));
        }
      }
      assertThat(words.largest()).isCloseTo(largest, within(1e-5f));
      assertThat(told).hasValue(network.vocabularySize() - 1);
    }
  }

  private static float[] states(LoadedModel model, Tokens text) {
    try (NativeScope scope = new NativeScope()) {
      return scope.toFloats(model.encode(TokenBatch.of(List.of(text)), scope));
    }
  }
}
