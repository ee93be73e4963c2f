package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.NamedWeights;

/** A vector a token, whatever stands beside it; a text is the mean of its tokens. */
final class StaticEmbedding implements Network {
  /** What sentence-transformers calls the vectors. */
  private static final String OWN_NAME = "embedding.weight";

  /** What model2vec calls them, whose files say sentence-transformers too. */
  private static final String MODEL2VEC_NAME = "embeddings";

  private final VectorTable vectors;

  private StaticEmbedding(VectorTable vectors) {
    this.vectors = vectors;
  }

  static StaticEmbedding of(ModelFolder folder) throws IOException {
    TensorSource weights = folder.weights(1);
    if (weights.find(OWN_NAME).isPresent()) {
      return new StaticEmbedding(VectorTable.of(folder.name(), weights, OWN_NAME));
    }
    if (weights.find("mapping").isPresent() || weights.find("weights").isPresent()) {
      throw ModelException.of(
          folder.name(),
          "model2vec's mapping and weights are not supported: load and save it once with the "
              + "sentence-transformers library, which folds them into the vectors");
    }
    return new StaticEmbedding(VectorTable.of(folder.name(), weights, MODEL2VEC_NAME));
  }

  @Override
  public Precision precision(Precision asked) {
    return Precision.FLOAT32;
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public List<String> fragments() {
    return List.of("static-embedding");
  }

  @Override
  public Map<String, Object> constants() {
    return Map.of();
  }

  @Override
  public NamedWeights weights() {
    return new NamedWeights().tensor("words", vectors.parameter());
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public int hidden() {
    return vectors.width();
  }

  @Override
  public int vocabularySize() {
    return vectors.rows();
  }

  /** Nothing is cut off. */
  @Override
  public int maxPositions() {
    return Integer.MAX_VALUE;
  }
}
