package org.semlux.training.adapt;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.evaluate.Similarity;
import org.semlux.training.loss.LossArguments;

/**
 * What a bi-encoder's vectors are compared by when it searches and learns: what it was made for.
 */
public enum BaseSimilarity {
  COSINE,
  DOT;

  /**
   * Of a folder. Vectors of length 1 are compared by cosine, whichever of the two it says, since
   * that is the same and losses have a scale for it.
   *
   * @throws ModelException where it says another
   */
  public static BaseSimilarity of(Path model) throws IOException {
    ModelFolder folder = ModelFolder.open(model);
    Similarity own = PairEvaluation.own(folder, Similarity.COSINE);
    return switch (own) {
      case COSINE -> COSINE;
      case DOT ->
          folder.modules().stream().anyMatch(module -> module.type().equals("Normalize"))
              ? COSINE
              : DOT;
      case EUCLIDEAN, MANHATTAN ->
          throw ModelException.of(
              folder.name(),
              "its similarity_fn_name is " + own + ", where a corpus is searched by cosine or dot");
    };
  }

  /** Whether the length of vectors does not matter. */
  public boolean isCosine() {
    return this == COSINE;
  }

  /** The same as losses name it. */
  LossArguments.Similarity inLosses() {
    return this == COSINE ? LossArguments.Similarity.COSINE : LossArguments.Similarity.DOT;
  }
}
