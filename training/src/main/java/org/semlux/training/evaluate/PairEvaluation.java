package org.semlux.training.evaluate;

import static org.semlux.training.evaluate.EmbeddingSimilarityEvaluator.NOT_TRAINING;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.run.ModelRun;

/**
 * One evaluation of a model by gold scores of pairs, in the way of its kind.
 *
 * {@snippet lang=java :
 * ModelRun run =
 *     new ModelRun(
 *         Path.of("model"), EncoderOptions.defaults(), new PrintWriter(System.err, true));
 * List<ScoredPair> pairs = ScoredPairs.read(Path.of("sts-dev.csv"), PairColumns.DEFAULT);
 * var judged = new PairEvaluation(run, "sts-dev", Optional.of(Path.of("out"))).judge(pairs);
 * judged.metrics().get(judged.primaryMetric()); // Spearman's correlation, -1 to 1
 * }
 *
 * @param name of the data set, may be empty
 * @param output the metrics are written below it too
 * @param epoch of training, {@link EmbeddingSimilarityEvaluator#NOT_TRAINING} outside
 * @param steps likewise
 */
public record PairEvaluation(
    ModelRun run, String name, Optional<Path> output, Number epoch, int steps) {
  /** Where the evaluators' files lie in the output. */
  public static final String FOLDER = "eval";

  /**
   * What came of it.
   *
   * @param evaluator its class in the reference
   * @param primaryMetric the one of {@code metrics} that models are chosen by
   * @param predicted similarity or score, {@code [pairs]}
   */
  public record Judged(
      String evaluator, String primaryMetric, Map<String, Double> metrics, double[] predicted) {}

  public PairEvaluation(ModelRun run, String name, Optional<Path> output) {
    this(run, name, output, NOT_TRAINING, NOT_TRAINING);
  }

  /**
   * Makes the files of a run that is judged by some data fit one that goes on after a step. What
   * others have evaluated into the same folder stays.
   *
   * @param name of the data set
   */
  public static void resume(Path output, String name, long step) throws IOException {
    for (String evaluation :
        List.of(EmbeddingSimilarityEvaluator.CSV, CrossEncoderCorrelationEvaluator.CSV)) {
      ResultsCsv.resume(
          output.resolve(FOLDER).resolve(new MetricNames(name).file(evaluation)), step);
    }
  }

  /** The same at some moment of training. */
  public PairEvaluation at(double epoch, long steps) {
    return new PairEvaluation(run, name, output, epoch, Math.toIntExact(steps));
  }

  /** By the similarities that models of the kind are judged by when nobody asks for others. */
  public Judged judge(List<ScoredPair> pairs) throws IOException {
    ModelFolder folder = ModelFolder.open(run.model());
    return switch (folder.kind()) {
      case DENSE -> dense(pairs, List.of(Similarity.values()));
      case SPARSE -> sparse(pairs, List.of(own(folder, Similarity.DOT)));
      case CROSS, MULTI_VECTOR -> scored(pairs);
    };
  }

  /** The similarity that a model was made for. */
  public static Similarity own(ModelFolder folder, Similarity otherwise) throws IOException {
    String stored = folder.settings().getString("similarity_fn_name", otherwise.toString());
    return Arrays.stream(Similarity.values())
        .filter(similarity -> similarity.toString().equals(stored))
        .findFirst()
        .orElseThrow(
            () ->
                ModelException.of(
                    folder.name(),
                    "unknown similarity_fn_name [" + stored + "]: give --similarity-fn-names"));
  }

  public Judged dense(List<ScoredPair> pairs, List<Similarity> similarities) throws IOException {
    EmbeddingSimilarityEvaluator evaluator = new EmbeddingSimilarityEvaluator(name, similarities);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, to -> evaluator.csv(to, List.of()));
    try (DenseEncoder encoder = run.loadDense()) {
      List<DenseVector> vectors = run.encode(encoder, EncodeRequest.of(sentences(pairs)));
      List<DenseVector> first = vectors.subList(0, pairs.size());
      List<DenseVector> second = vectors.subList(pairs.size(), vectors.size());
      Map<String, Double> metrics = evaluator.evaluate(first, second, scores(pairs));
      ResultsCsv.append(csv, epoch, steps, metrics);
      Similarity similarity =
          similarities.contains(Similarity.COSINE) ? Similarity.COSINE : similarities.get(0);
      return judged(
          "EmbeddingSimilarityEvaluator",
          "spearman_" + similarity,
          metrics,
          IntStream.range(0, pairs.size())
              .mapToDouble(i -> similarity.of(first.get(i).values(), second.get(i).values()))
              .toArray());
    }
  }

  public Judged sparse(List<ScoredPair> pairs, List<Similarity> similarities) throws IOException {
    SparseEmbeddingSimilarityEvaluator evaluator =
        new SparseEmbeddingSimilarityEvaluator(name, similarities);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, evaluator::csv);
    try (SparseEncoder encoder = run.loadSparse()) {
      List<TermWeights> terms = run.encode(encoder, EncodeRequest.of(sentences(pairs)));
      List<TermWeights> first = terms.subList(0, pairs.size());
      List<TermWeights> second = terms.subList(pairs.size(), terms.size());
      Map<String, Double> metrics =
          evaluator.evaluate(first, second, encoder.info().dimensions(), scores(pairs));
      ResultsCsv.append(csv, epoch, steps, metrics);
      return judged(
          "SparseEmbeddingSimilarityEvaluator",
          "spearman_" + similarities.get(0),
          metrics,
          SparseEmbeddingSimilarityEvaluator.similarities(
              similarities.get(0), first, second, encoder.info().dimensions()));
    }
  }

  /** By a model that scores pairs itself: the first sentence is its query. */
  public Judged scored(List<ScoredPair> pairs) throws IOException {
    CrossEncoderCorrelationEvaluator evaluator = new CrossEncoderCorrelationEvaluator(name);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, evaluator::csv);
    try (PairScorer encoder = run.loadScorer()) {
      double[] predicted =
          run.score(
              encoder,
              pairs.stream()
                  .map(pair -> new TextPair(pair.sentence1(), pair.sentence2()))
                  .toList());
      Map<String, Double> metrics = evaluator.evaluate(predicted, scores(pairs));
      ResultsCsv.append(csv, epoch, steps, metrics);
      return judged("CrossEncoderCorrelationEvaluator", "spearman", metrics, predicted);
    }
  }

  private Judged judged(
      String evaluator, String primary, Map<String, Double> metrics, double[] predicted) {
    return new Judged(
        evaluator, name.isEmpty() ? primary : name + "_" + primary, metrics, predicted);
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
