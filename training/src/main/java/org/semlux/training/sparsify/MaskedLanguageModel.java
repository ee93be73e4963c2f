package org.semlux.training.sparsify;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.network.HeadLayer;
import org.semlux.encoders.network.MaskedLanguageHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.WeightReader;
import org.semlux.training.base.TransformerFiles;
import org.semlux.training.folder.SafetensorsWriter;
import org.semlux.training.folder.SpladeLayout;

/**
 * An ordinary masked language model that scores words by how near their own states are to a token's
 * state. What its head does beside that is made harmless: a large bias keeps the activation where
 * it is linear, and the norm takes the bias off again, with the length of the state; the norm's
 * weight then sets the scale of the scores. The decoder holds the words' states and so is tied to
 * nothing.
 *
 * @param base the dense encoder whose network it has
 */
record MaskedLanguageModel(
    ModelFolder base, Network network, MaskedLanguageHead head, WordStates words) {
  /**
   * Added before the activation, to states whose largest number is made half of it. GELU is linear
   * to float32 from 6 on; more would cost digits where others compute in half precision.
   */
  private static final float RAISED = 16;

  /**
   * The score of a word whose state points where a token's does. From 3 to 12 the correlations on
   * the STS benchmark differ by less than .004.
   */
  private static final double PERFECT = 6;

  /** What is stored under a name, made when it is asked for. */
  private record Stored(Network network, TensorSource body, Tensors made) implements TensorSource {
    @Override
    public Set<String> names() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<StoredTensor> find(String name) {
      return made.find(name).or(() -> ofBody(name));
    }

    private Optional<StoredTensor> ofBody(String name) {
      String bare = name.substring(network.prefix().length());
      return WeightReader.stored(bare, body, network.prefix())
          .map(
              tensor ->
                  tensor.dtype() == Dtype.F32
                      ? tensor
                      : StoredTensor.ofFloats(name, tensor.toFloats(), tensor.shape()));
    }
  }

  /**
   * Whether a head has a layer as wide as the network with a norm and an activation that has no
   * bound, and a decoder of its own.
   */
  static boolean carries(MaskedLanguageHead head, int hidden) {
    return head.layer()
            .filter(layer -> layer.norm().isPresent() && layer.width().orElse(hidden) == hidden)
            .filter(HeadLayer::passesLargeNumbers)
            .isPresent()
        && !head.decoder().equals(head.words());
  }

  /**
   * Writes the whole folder.
   *
   * @param bias {@code [vocabulary]} added to the scores
   */
  void write(Path folder, float[] bias) throws IOException {
    JsonFile.write(folder.resolve("config.json"), config(), 2);
    TransformerFiles.copyTokenizer(base.modules().get(0).folder(), folder);
    new SpladeLayout(base).write(folder);
    TensorSource body = base.weights(base.modules().get(0));
    Tensors made = head(bias);
    List<String> names = new ArrayList<>(made.names());
    for (Parameter parameter : Parameter.in(network.parameters(), body, network.prefix())) {
      parameter.names().forEach(name -> names.add(network.prefix() + name));
    }
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), names, new Stored(network, body, made), bytes -> {});
  }

  private JsonObject config() throws IOException {
    JsonFile stored = base.modules().get(0).config("config.json");
    JsonObject config = TransformerFiles.config(base.name(), stored.object(), "ForMaskedLM");
    config.addProperty("tie_word_embeddings", false);
    head.biasKeys().forEach(key -> config.addProperty(key, true));
    return config;
  }

  private Tensors head(float[] bias) {
    int hidden = words.hidden();
    int vocabulary = words.vocabulary();
    float[] same = new float[hidden * hidden];
    for (int i = 0; i < hidden; i++) {
      same[i * hidden + i] = RAISED / 2 / words.largest();
    }
    HeadLayer layer = head.layer().orElseThrow();
    String dense = layer.dense();
    HeadLayer.Norm norm = layer.norm().orElseThrow();
    Tensors tensors =
        new Tensors()
            .with(dense + ".weight", same, hidden, hidden)
            .with(dense + ".bias", filled(hidden, RAISED), hidden)
            .with(
                norm.module() + ".weight",
                filled(hidden, (float) (PERFECT / Math.sqrt(hidden))),
                hidden)
            .with(head.decoder(), words.rows(), vocabulary, hidden)
            .with(head.bias(), bias, vocabulary);
    if (norm.bias()) {
      tensors.with(norm.module() + ".bias", new float[hidden], hidden);
    }
    // Some loaders tie it to the decoder's, some do not.
    return tensors.with(head.otherBias(), bias, vocabulary);
  }

  private static float[] filled(int size, float number) {
    float[] numbers = new float[size];
    Arrays.fill(numbers, number);
    return numbers;
  }
}
