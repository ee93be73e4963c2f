package org.semlux.training.sparsify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
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
  private static final Path MODEL =
      Path.of(System.getProperty("basedir", "."))
          .resolve("../tests/src/test/resources/goldens/dense-bert-mean-normalize")
          .normalize();

  @Test
  void aWordsRowIsItsStateBetweenTheSpecialTokens() throws IOException {
    ModelFolder folder = ModelFolder.open(MODEL);
    Network network = Networks.of(folder);
    int hidden = network.hidden();
    AtomicLong told = new AtomicLong();
    float largest = 0;
    try (Tokenizer tokenizer = Tokenizers.of(folder, network);
        LoadedModel model =
            LoadedModel.load(folder, network, new WordStates.States(), Precision.FLOAT32)) {
      WordStates words = WordStates.of(folder, network, tokenizer, told::addAndGet);
      int[] special = tokenizer.tokenize("").ids();
      assertThat(special).hasSize(2);
      for (int word = 0; word < network.vocabularySize(); word++) {
        int[] ids = {special[0], word, special[1]};
        float[] states = states(model, new Tokens(ids, new int[3], 0));
        double squares = 0;
        for (int i = 0; i < hidden; i++) {
          largest = Math.max(largest, Math.abs(states[hidden + i]));
          squares += states[hidden + i] * states[hidden + i];
        }
        for (int i = 0; i < hidden; i++) {
          double expected = states[hidden + i] / Math.sqrt(squares);
          assertThat((double) words.rows()[word * hidden + i]).isCloseTo(expected, within(1e-5));
        }
      }
      assertThat(words.largest()).isCloseTo(largest, within(1e-5f));
      assertThat(told).hasValue(network.vocabularySize());
    }
  }

  private static float[] states(LoadedModel model, Tokens text) {
    try (NativeScope scope = new NativeScope()) {
      return scope.toFloats(model.encode(TokenBatch.of(List.of(text)), scope));
    }
  }
}
