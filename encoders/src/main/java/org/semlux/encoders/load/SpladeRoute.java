package org.semlux.encoders.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.SpladeHead;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;
import org.semlux.encoders.text.Vocabulary;

/** Terms by a network with a masked language model's head. */
record SpladeRoute(LoadedModel model, Vocabulary vocabulary, int dimensions)
    implements SparseRoute {

  static SpladeRoute load(ModelFolder folder, EncoderOptions options) throws IOException {
    ModelFolder.Module module = folder.modules().get(0);
    Network network = Networks.of(folder);
    SpladeHead head = SpladeHead.of(folder, network);
    Vocabulary vocabulary = Vocabulary.of(Tokenizers.file(folder.name(), module));
    LoadedModel model =
        LoadedModel.load(folder, network, head, options.precision(), options.calibration());
    return new SpladeRoute(model, vocabulary, network.vocabularySize());
  }

  @Override
  public Tokenizer tokenizer() {
    return model.tokenizer();
  }

  @Override
  public List<Terms> encode(List<Tokens> sequences) {
    float[] found;
    try (NativeScope scope = new NativeScope()) {
      found = scope.toFloats(model.encode(TokenBatch.of(sequences), scope));
    }
    int terms = found.length / 3;
    int[] counts = new int[sequences.size()];
    for (int i = 0; i < terms; i++) {
      // A text without any token has no term, as what stands for it in a batch is padding.
      counts[(int) found[i]] += sequences.get((int) found[i]).length() == 0 ? 0 : 1;
    }
    List<Terms> answers = new ArrayList<>(counts.length);
    for (int s = 0; s < counts.length; s++) {
      answers.add(new Terms(new int[counts[s]], new float[counts[s]]));
      counts[s] = 0;
    }
    for (int i = 0; i < terms; i++) {
      int sequence = (int) found[i];
      if (sequences.get(sequence).length() == 0) {
        continue;
      }
      int at = counts[sequence]++;
      answers.get(sequence).ids()[at] = (int) found[terms + i];
      answers.get(sequence).weights()[at] = found[2 * terms + i];
    }
    return answers;
  }

  @Override
  public int maxTokens() {
    return model.tokenizer().maxTokens();
  }

  @Override
  public Map<Object, Long> tensors() {
    return model.weights().tensors();
  }

  @Override
  public long bytes() {
    return model.weights().bytes();
  }

  @Override
  public long productsPerToken() {
    return model.weights().productsPerToken();
  }

  @Override
  public Precision precision() {
    return model.precision();
  }

  @Override
  public void close() {
    model.close();
  }
}
