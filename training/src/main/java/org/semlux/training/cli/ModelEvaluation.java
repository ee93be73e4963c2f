package org.semlux.training.cli;

import static org.semlux.training.evaluate.EmbeddingSimilarityEvaluator.NOT_TRAINING;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.PairScore;
import org.semlux.encoders.Priority;
import org.semlux.encoders.ScoreRequest;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.TermWeights;
import org.semlux.encoders.TextPair;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.evaluate.CrossEncoderCorrelationEvaluator;
import org.semlux.training.evaluate.EmbeddingSimilarityEvaluator;
import org.semlux.training.evaluate.Similarity;
import org.semlux.training.evaluate.SparseEmbeddingSimilarityEvaluator;

/**
 * One evaluation of a model by gold scores, in the way of its kind.
 *
 * @param name of the data set, may be empty
 * @param output the metrics are written below it too
 * @param err is told how far it has come
 */
record ModelEvaluation(ModelOptions model, String name, Optional<Path> output, PrintWriter err) {

  Map<String, Double> dense(List<ScoredPair> pairs, List<Similarity> similarities)
      throws IOException {
    EmbeddingSimilarityEvaluator evaluator = new EmbeddingSimilarityEvaluator(name, similarities);
    try (DenseEncoder encoder = DenseEncoder.load(model.folder, model.options())) {
      List<DenseVector> vectors =
          encode(sentences(pairs), texts -> encoder.submit(EncodeRequest.of(texts)));
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
    try (SparseEncoder encoder = SparseEncoder.load(model.folder, model.options())) {
      List<TermWeights> terms =
          encode(sentences(pairs), texts -> encoder.submit(EncodeRequest.of(texts)));
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
    try (CrossEncoder encoder = CrossEncoder.load(model.folder, model.options())) {
      if (encoder.info().dimensions() != 1) {
        throw ModelException.of(
            encoder.info().name(),
            "its labels are %s: only the scores of one label can follow gold scores"
                .formatted(encoder.info().labels()));
      }
      double[] predicted = score(encoder, pairs);
      Map<String, Double> metrics = evaluator.evaluate(predicted, scores(pairs));
      if (output.isPresent()) {
        evaluator.writeCsv(folder(), NOT_TRAINING, NOT_TRAINING, metrics);
      }
      return metrics;
    }
  }

  private double[] score(CrossEncoder encoder, List<ScoredPair> pairs) throws IOException {
    List<TextPair> texts =
        pairs.stream().map(pair -> new TextPair(pair.sentence1(), pair.sentence2())).toList();
    return run(
            "Scoring",
            Progress.Unit.PAIRS,
            texts,
            LineFormat::length,
            slice -> encoder.submit(ScoreRequest.of(slice).withPriority(Priority.INGEST)))
        .stream()
        .mapToDouble(PairScore::score)
        .toArray();
  }

  private <R> List<R> encode(
      List<String> texts, Function<List<String>, CompletableFuture<List<R>>> submit)
      throws IOException {
    return run("Encoding", Progress.Unit.TEXTS, texts, String::length, submit);
  }

  private <T, R> List<R> run(
      String task,
      Progress.Unit unit,
      List<T> inputs,
      ToIntFunction<T> length,
      Function<List<T>, CompletableFuture<List<R>>> submit)
      throws IOException {
    List<R> answers = new ArrayList<>(inputs.size());
    try (Progress progress = new Progress(err, task, unit, inputs.size())) {
      OrderedEncoding<T, R> encoding =
          new OrderedEncoding<>(
              length,
              submit,
              slice -> {
                answers.addAll(slice);
                progress.step(slice.size());
              });
      for (T input : inputs) {
        encoding.add(input);
      }
      encoding.finish();
    }
    return answers;
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
