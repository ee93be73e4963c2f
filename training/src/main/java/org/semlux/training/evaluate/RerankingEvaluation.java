package org.semlux.training.evaluate;

import static org.semlux.training.evaluate.EmbeddingSimilarityEvaluator.NOT_TRAINING;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.training.data.RerankingSample;
import org.semlux.training.run.ModelRun;

/**
 * One evaluation of a model by the order that it brings texts into.
 *
 * {@snippet lang=java :
 * ModelRun run =
 *     new ModelRun(
 *         Path.of("reranker"), EncoderOptions.defaults(), new PrintWriter(System.err, true));
 * List<RerankingSample> samples = RerankingSample.read(Path.of("samples.jsonl"));
 * Map<String, Double> metrics = new RerankingEvaluation(run, "", Optional.empty()).cross(samples);
 * metrics.get("ndcg@10"); // 0 to 1
 * }
 *
 * @param name of the data set, may be empty
 * @param output the metrics are written below it too
 */
public record RerankingEvaluation(ModelRun run, String name, Optional<Path> output) {
  public Map<String, Double> dense(List<RerankingSample> samples, Similarity similarity)
      throws IOException {
    RerankingEvaluator evaluator = new RerankingEvaluator(name, similarity);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, to -> evaluator.csv(to, false));
    try (DenseEncoder encoder = run.loadDense()) {
      return written(
          csv,
          evaluator.evaluate(
              samples,
              run.encode(encoder, queries(samples)),
              run.encode(encoder, documents(samples))));
    }
  }

  public Map<String, Double> sparse(List<RerankingSample> samples, Similarity similarity)
      throws IOException {
    RerankingEvaluator evaluator = new RerankingEvaluator(name, similarity);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, to -> evaluator.csv(to, true));
    try (SparseEncoder encoder = run.loadSparse()) {
      return written(
          csv,
          evaluator.evaluate(
              samples,
              run.encode(encoder, queries(samples)),
              run.encode(encoder, documents(samples)),
              encoder.info().dimensions()));
    }
  }

  /** By the model's own similarity. */
  public Map<String, Double> multiVector(List<RerankingSample> samples) throws IOException {
    RerankingEvaluator evaluator = new RerankingEvaluator(name, Similarity.COSINE);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, to -> evaluator.csv(to, false));
    try (MultiVectorEncoder encoder = run.loadMultiVector()) {
      List<TokenVectors> queries = run.encode(encoder, queries(samples));
      List<TokenVectors> documents = run.encode(encoder, documents(samples));
      return written(
          csv,
          evaluator.evaluate(
              samples, Scores.multiVector(encoder.similarity(), queries, documents)));
    }
  }

  public Map<String, Double> cross(List<RerankingSample> samples) throws IOException {
    CrossEncoderRerankingEvaluator evaluator = new CrossEncoderRerankingEvaluator(name);
    Optional<ResultsCsv> csv = ResultsCsv.open(output, evaluator::csv);
    try (PairScorer encoder = run.loadScorer()) {
      List<TextPair> pairs =
          samples.stream()
              .flatMap(
                  sample -> sample.texts().stream().map(text -> new TextPair(sample.query(), text)))
              .toList();
      return written(csv, evaluator.evaluate(samples, run.score(encoder, pairs)));
    }
  }

  private static Map<String, Double> written(Optional<ResultsCsv> csv, Map<String, Double> metrics)
      throws IOException {
    ResultsCsv.append(csv, NOT_TRAINING, NOT_TRAINING, metrics);
    return metrics;
  }

  private static EncodeRequest queries(List<RerankingSample> samples) {
    return EncodeRequest.of(samples.stream().map(RerankingSample::query).toList())
        .withInputType(InputType.QUERY);
  }

  private static EncodeRequest documents(List<RerankingSample> samples) {
    return EncodeRequest.of(samples.stream().flatMap(sample -> sample.texts().stream()).toList())
        .withInputType(InputType.DOCUMENT);
  }
}
