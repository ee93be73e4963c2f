package org.semlux.training.evaluate;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;

/**
 * How alike queries and documents are, each pair when it is asked for. All scores are rounded to
 * float32, as the reference computes them: numbers that it takes for equal must be equal here.
 */
interface Scores {
  /** The scores of documents by their places, for the query at a place. Thread-safe. */
  IntToDoubleFunction of(int query);

  static Scores dense(
      Similarity similarity, List<DenseVector> queries, List<DenseVector> documents) {
    boolean cosine = similarity == Similarity.COSINE;
    List<float[]> first = values(queries, cosine);
    List<float[]> second = values(documents, cosine);
    Similarity byNumbers = cosine ? Similarity.DOT : similarity;
    return query -> document -> (float) byNumbers.of(first.get(query), second.get(document));
  }

  private static List<float[]> values(List<DenseVector> vectors, boolean normalized) {
    return vectors.stream()
        .map(DenseVector::values)
        .map(values -> normalized ? Similarity.normalized(values) : values)
        .toList();
  }

  /**
   * The same of term weights: a query is spread out over the vocabulary, a document's terms are
   * looked up in it.
   */
  static Scores sparse(
      Similarity similarity,
      List<TermWeights> queries,
      List<TermWeights> documents,
      int vocabulary) {
    double[] norms = documents.stream().mapToDouble(Scores::squares).map(Math::sqrt).toArray();
    double[] sums = documents.stream().mapToDouble(Scores::absolutes).toArray();
    return query -> {
      TermWeights terms = queries.get(query);
      float[] spread = new float[vocabulary];
      IntStream.range(0, terms.size()).forEach(i -> spread[terms.ids()[i]] = terms.weights()[i]);
      double norm = Math.sqrt(squares(terms));
      double sum = absolutes(terms);
      return document -> {
        TermWeights other = documents.get(document);
        return (float)
            switch (similarity) {
              case DOT -> dot(spread, other);
              case COSINE -> dot(spread, other) / (atLeast(norm) * atLeast(norms[document]));
              case EUCLIDEAN ->
                  -Math.sqrt(
                      Math.max(
                          0,
                          norm * norm
                              + norms[document] * norms[document]
                              - 2 * dot(spread, other)));
              case MANHATTAN -> -(sum + sums[document] - overlap(spread, other));
            };
      };
    };
  }

  /** The same of vectors of tokens. */
  static Scores multiVector(
      MaxSim similarity, List<TokenVectors> queries, List<TokenVectors> documents) {
    return query -> {
      MaxSim.Query asked = similarity.query(queries.get(query));
      return document -> asked.score(documents.get(document));
    };
  }

  private static double atLeast(double norm) {
    return Math.max(Similarity.SMALLEST_NORM, norm);
  }

  private static double squares(TermWeights terms) {
    return IntStream.range(0, terms.size())
        .mapToDouble(i -> (double) terms.weights()[i] * terms.weights()[i])
        .sum();
  }

  private static double absolutes(TermWeights terms) {
    return IntStream.range(0, terms.size()).mapToDouble(i -> Math.abs(terms.weights()[i])).sum();
  }

  private static double dot(float[] spread, TermWeights terms) {
    double sum = 0;
    for (int i = 0; i < terms.size(); i++) {
      sum += (double) spread[terms.ids()[i]] * terms.weights()[i];
    }
    return sum;
  }

  /** What |a| + |b| exceeds |a - b| by. */
  private static double overlap(float[] spread, TermWeights terms) {
    double sum = 0;
    for (int i = 0; i < terms.size(); i++) {
      double a = spread[terms.ids()[i]];
      double b = terms.weights()[i];
      sum += Math.abs(a) + Math.abs(b) - Math.abs(a - b);
    }
    return sum;
  }
}
