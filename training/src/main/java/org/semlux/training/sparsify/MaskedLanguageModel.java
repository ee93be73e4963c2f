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
 * An ordinary masked language model that scores words by how near their embeddings are to a
 * projection of the state. What its head does beside that is made harmless: a large bias keeps the
 * activation where it is linear, and the norm takes the bias off again, with the length of the
 * projection; the norm's weight then sets the scale of the scores. The decoder is the centred word
 * embedding and so tied to nothing.
 *
 * @param base the dense encoder whose network it has
 */
record MaskedLanguageModel(
    ModelFolder base,
    Network network,
    MaskedLanguageHead head,
    WordEmbedding embedding,
    Projection projection) {
  /**
   * Added before the activation. Predictions have a root mean square of 1, and GELU is linear to
   * float32 from 6 on; more would cost digits where others compute in half precision.
   */
  private static final float RAISED = 16;

  /**
   * The score of a word whose embedding is of mean length and points where the projection does.
   * From 1 to 12 the correlations on the STS benchmark differ by less than .002.
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
    int hidden = embedding.hidden();
    int vocabulary = embedding.vocabulary();
    float[] scale = new float[hidden];
    Arrays.fill(scale, (float) (PERFECT / Math.sqrt(hidden) / embedding.meanNorm()));
    HeadLayer layer = head.layer().orElseThrow();
    String dense = layer.dense();
    HeadLayer.Norm norm = layer.norm().orElseThrow();
    Tensors tensors =
        new Tensors()
            .with(dense + ".weight", projection.weight(), hidden, hidden)
            .with(dense + ".bias", projection.raisedBias(RAISED), hidden)
            .with(norm.module() + ".weight", scale, hidden)
            .with(head.decoder(), embedding.rows(), vocabulary, hidden)
            .with(head.bias(), bias, vocabulary);
    if (norm.bias()) {
      tensors.with(norm.module() + ".bias", new float[hidden], hidden);
    }
    // Some loaders tie it to the decoder's, some do not.
    return tensors.with(head.otherBias(), bias, vocabulary);
  }
}
