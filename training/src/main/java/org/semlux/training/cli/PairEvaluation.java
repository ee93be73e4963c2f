package org.semlux.training.cli;

import static org.semlux.training.evaluate.EmbeddingSimilarityEvaluator.NOT_TRAINING;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.TermWeights;
import org.semlux.encoders.TextPair;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.evaluate.CrossEncoderCorrelationEvaluator;
import org.semlux.training.evaluate.EmbeddingSimilarityEvaluator;
import org.semlux.training.evaluate.Similarity;
import org.semlux.training.evaluate.SparseEmbeddingSimilarityEvaluator;

/**
 * One evaluation of a model by gold scores of pairs, in the way of its kind.
 *
 * @param name of the data set, may be empty
 * @param output the metrics are written below it too
 */
record PairEvaluation(ModelRun run, String name, Optional<Path> output) {
  Map<String, Double> dense(List<ScoredPair> pairs, List<Similarity> similarities)
      throws IOException {
    EmbeddingSimilarityEvaluator evaluator = new EmbeddingSimilarityEvaluator(name, similarities);
    try (DenseEncoder encoder = run.loadDense()) {
      List<DenseVector> vectors = run.encode(encoder, EncodeRequest.of(sentences(pairs)));
      Map<String, Double> metrics =
          evaluator.evaluate(
              vectors.subList(0, pairs.size()),
              vectors.subList(pairs.size(), vectors.size()),
              scores(pairs));
      if (output.isPresent()) {
        evaluator.writeCsv(folder(), NOT_TRAINING, NOT_TRAINING, metrics);
      }
      return metrics;
    }
  }

  Map<String, Double> sparse(List<ScoredPair> pairs, List<Similarity> similarities)
      throws IOException {
    SparseEmbeddingSimilarityEvaluator evaluator =
        new SparseEmbeddingSimilarityEvaluator(name, similarities);
    try (SparseEncoder encoder = run.loadSparse()) {
      List<TermWeights> terms = run.encode(encoder, EncodeRequest.of(sentences(pairs)));
      Map<String, Double> metrics =
          evaluator.evaluate(
              terms.subList(0, pairs.size()),
              terms.subList(pairs.size(), terms.size()),
              encoder.info().dimensions(),
              scores(pairs));
      if (output.isPresent()) {
        evaluator.writeCsv(folder(), NOT_TRAINING, NOT_TRAINING, metrics);
      }
      return metrics;
    }
  }

  Map<String, Double> cross(List<ScoredPair> pairs) throws IOException {
    CrossEncoderCorrelationEvaluator evaluator = new CrossEncoderCorrelationEvaluator(name);
    try (CrossEncoder encoder = run.loadCross()) {
      double[] predicted =
          run.score(
              encoder,
              pairs.stream()
                  .map(pair -> new TextPair(pair.sentence1(), pair.sentence2()))
                  .toList());
      Map<String, Double> metrics = evaluator.evaluate(predicted, scores(pairs));
      if (output.isPresent()) {
        evaluator.writeCsv(folder(), NOT_TRAINING, NOT_TRAINING, metrics);
      }
      return metrics;
    }
  }

  private Path folder() {
    return output.orElseThrow().resolve("eval");
  }

  /** All first sentences, then all second ones. */
  private static List<String> sentences(List<ScoredPair> pairs) {
    return Stream.concat(
            pairs.stream().map(ScoredPair::sentence1), pairs.stream().map(ScoredPair::sentence2))
        .toList();
  }

  private static double[] scores(List<ScoredPair> pairs) {
    return pairs.stream().mapToDouble(ScoredPair::score).toArray();
  }
}
