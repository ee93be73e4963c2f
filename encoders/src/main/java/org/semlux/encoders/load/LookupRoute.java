package org.semlux.encoders.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;
import org.semlux.encoders.text.Vocabulary;

/**
 * Terms without a network (module {@code SparseStaticEmbedding}): each distinct token of a text has
 * its trained weight, such as its inverse document frequency.
 *
 * @param weights {@code [vocabulary]}
 */
public record LookupRoute(Tokenizer tokenizer, Vocabulary vocabulary, float[] weights)
    implements SparseRoute {
  private static final Set<Dtype> READABLE =
      EnumSet.of(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16);

  /**
   * Reads a route of this one module.
   *
   * @throws ModelException when there are others, or weights and vocabulary disagree
   */
  public static LookupRoute load(ModelFolder folder) throws IOException {
    ModelFolder.Module module = folder.modules().get(0);
    if (folder.modules().size() > 1) {
      throw ModelException.of(
          folder.name(),
          "a SparseStaticEmbedding is a route of its own, after this one comes a "
              + folder.modules().get(1).type());
    }
    JsonFile json = Tokenizers.file(folder.name(), module);
    Vocabulary vocabulary = Vocabulary.of(json);
    float[] weights = weights(folder, module, vocabulary);
    Tokenizer tokenizer = Tokenizers.ofLookup(folder.name(), module, json);
    return new LookupRoute(tokenizer, vocabulary, weights);
  }

  private static float[] weights(
      ModelFolder folder, ModelFolder.Module module, Vocabulary vocabulary) throws IOException {
    String json = module.config("config.json").getString("path", "");
    if (!json.isEmpty()) {
      return finite(folder, legacy(folder.inside(module.folder(), json), vocabulary));
    }
    StoredTensor stored =
        folder
            .weights(module)
            .find("weight")
            .orElseThrow(
                () -> ModelException.of(folder.name(), "its SparseStaticEmbedding lacks weight"));
    if (stored.shape().length != 1 || stored.shape()[0] < vocabulary.size()) {
      throw ModelException.of(
          folder.name(),
          "weight has shape %s, its tokenizer has ids up to %s"
              .formatted(Arrays.toString(stored.shape()), vocabulary.size() - 1));
    }
    if (!READABLE.contains(stored.dtype())) {
      throw ModelException.of(folder.name(), "its weight is of type " + stored.dtype());
    }
    return finite(folder, stored.toFloats());
  }

  /** Weights by token, in a JSON file that the config names. */
  private static float[] legacy(Path file, Vocabulary vocabulary) throws IOException {
    float[] weights = new float[vocabulary.size()];
    Map<String, Integer> ids = vocabulary.ids();
    JsonFile stored = JsonFile.read(file);
    for (String token : stored.object().keySet()) {
      Integer id = ids.get(token);
      if (id != null) {
        weights[id] = (float) stored.getDouble(token, 0);
      }
    }
    return weights;
  }

  private static float[] finite(ModelFolder folder, float[] weights) {
    Answers.requireFinite(folder.name(), weights);
    return weights;
  }

  @Override
  public List<Terms> encode(List<Tokens> sequences) {
    return sequences.stream().map(this::lookUp).toList();
  }

  private Terms lookUp(Tokens tokens) {
    int[] ids = Arrays.stream(tokens.ids()).distinct().filter(id -> weights[id] != 0).toArray();
    float[] found = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      found[i] = weights[ids[i]];
    }
    return new Terms(ids, found);
  }

  @Override
  public int dimensions() {
    return weights.length;
  }

  @Override
  public int maxTokens() {
    return tokenizer.maxTokens();
  }

  @Override
  public Map<Object, Long> tensors() {
    return Map.of(weights, (long) weights.length);
  }

  @Override
  public long bytes() {
    return 0; // they are in the heap
  }

  @Override
  public long productsPerToken() {
    return 0;
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
