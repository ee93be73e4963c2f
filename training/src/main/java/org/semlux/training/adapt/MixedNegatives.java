package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.training.mine.NearestDocuments.Nearest;

/**
 * Negatives that a model takes for answers and negatives that share words with the query, in turns:
 * each keeps what the other would unlearn. What comes near the answer may well be one, and is left
 * out, whoever found it.
 *
 * @param count of each query
 * @param relativeMargin how far below its answer a negative scores at least, as a share
 * @param documents vectors of the corpus
 */
record MixedNegatives(int count, double relativeMargin, float[][] documents, long seed) {
  /** For a document that is far enough, where no search has found one. */
  private static final int DRAWS = 100;

  /**
   * The negatives of a query.
   *
   * @param query its vector
   * @param answer its answer's
   * @param own the document that answers
   * @param answers all that are known to answer this query, this one among them
   * @param byMeaning the nearest to the query
   * @param byWords what words find
   * @return places of different documents, as many as there are to be
   */
  List<Integer> of(
      float[] query,
      float[] answer,
      int own,
      Set<Integer> answers,
      Nearest byMeaning,
      int[] byWords) {
    double score = dot(query, answer);
    double most = score - Math.abs(score) * relativeMargin;
    Iterator<Integer> near = far(query, answers, most, byMeaning.documents());
    Iterator<Integer> worded = far(query, answers, most, byWords);
    Set<Integer> chosen = new LinkedHashSet<>();
    while (chosen.size() < count && (near.hasNext() || worded.hasNext())) {
      boolean words = worded.hasNext() && ((own + chosen.size()) % 2 == 0 || !near.hasNext());
      chosen.add((words ? worded : near).next());
    }
    Random random = new Random(seed + own);
    for (int draw = 0; chosen.size() < Math.min(count, documents.length - answers.size()); draw++) {
      int any = random.nextInt(documents.length);
      if (!answers.contains(any) && (draw > DRAWS || dot(query, documents[any]) <= most)) {
        chosen.add(any);
      }
    }
    return new ArrayList<>(chosen);
  }

  private Iterator<Integer> far(float[] query, Set<Integer> answers, double most, int[] found) {
    return IntStream.of(found)
        .filter(document -> !answers.contains(document) && dot(query, documents[document]) <= most)
        .iterator();
  }

  static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }
}
