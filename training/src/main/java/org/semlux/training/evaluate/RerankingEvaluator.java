package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.TermWeights;
import org.semlux.training.data.RerankingSample;

/**
 * How well embeddings bring texts into the order that a query wants, as the reference's evaluators
 * {@code RerankingEvaluator} and {@code SparseRerankingEvaluator} have it: MAP over all texts, MRR
 * and NDCG of the first ten.
 *
 * {@snippet lang=java :
 * var evaluator = new RerankingEvaluator("msmarco", Similarity.COSINE);
 * List<RerankingSample> samples = RerankingSample.read(Path.of("samples.jsonl"));
 * List<String> queries = samples.stream().map(RerankingSample::query).toList();
 * List<String> texts = samples.stream().flatMap(sample -> sample.texts().stream()).toList();
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   Map<String, Double> metrics =
 *       evaluator.evaluate(samples, encoder.encode(queries), encoder.encode(texts));
 * }
 * }
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 * @param similarity to order by; the reference takes the cosine
 */
public record RerankingEvaluator(String name, Similarity similarity) {
  public RerankingEvaluator {
    new MetricNames(name); // refuses slashes
  }

  /** Samples that can be judged: those that have positive and negative texts. */
  public static List<RerankingSample> judgeable(List<RerankingSample> samples) {
    return samples.stream()
        .filter(sample -> !sample.positive().isEmpty())
        .filter(sample -> sample.texts().size() > sample.positive().size())
        .toList();
  }

  /**
   * {@code {name}_map}, {@code {name}_mrr@10} and {@code {name}_ndcg@10}.
   *
   * @param samples {@link #judgeable} ones
   * @param queries the embeddings of their queries
   * @param documents those of {@link RerankingSample#texts} of all samples, one after the other
   */
  public Map<String, Double> evaluate(
      List<RerankingSample> samples, List<DenseVector> queries, List<DenseVector> documents) {
    return evaluate(samples, Scores.dense(similarity, queries, documents));
  }

  /**
   * The same of term weights, then how many terms queries and documents have.
   *
   * @param vocabulary terms that there are: all ids are below
   */
  public Map<String, Double> evaluate(
      List<RerankingSample> samples,
      List<TermWeights> queries,
      List<TermWeights> documents,
      int vocabulary) {
    Map<String, Double> metrics =
        evaluate(samples, Scores.sparse(similarity, queries, documents, vocabulary));
    Terms.put(metrics, new MetricNames(name), queries, documents, vocabulary);
    return metrics;
  }

  Map<String, Double> evaluate(List<RerankingSample> samples, Scores scores) {
    Reranking reranking = new Reranking();
    int first = 0;
    for (int query = 0; query < samples.size(); query++) {
      RerankingSample sample = samples.get(query);
      int start = first;
      int texts = sample.texts().size();
      IntToDoubleFunction score = scores.of(query);
      boolean[] relevant = new boolean[texts];
      for (int i = 0; i < sample.positive().size(); i++) {
        relevant[i] = true;
      }
      reranking.add(
          relevant,
          IntStream.range(0, texts).mapToDouble(i -> score.applyAsDouble(start + i)).toArray(),
          false);
      first += texts;
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    MetricNames names = new MetricNames(name);
    reranking.metrics("").forEach((metric, value) -> metrics.put(names.key(metric), value));
    return metrics;
  }

  /** The metric that models are chosen by: NDCG of the first ten. */
  public String primaryMetric() {
    return new MetricNames(name).key("ndcg@" + Reranking.FIRST);
  }

  /**
   * Appends a row to {@code {folder}/RerankingEvaluator[_name]_results_@10.csv}.
   *
   * @param epoch a fraction during training, else {@link EmbeddingSimilarityEvaluator#NOT_TRAINING}
   * @param metrics what {@code evaluate} returned
   * @return the file
   */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    boolean sparse = metrics.containsKey(new MetricNames(name).key(Terms.COLUMNS.get(0)));
    return csv(folder, sparse).append(epoch, steps, metrics);
  }

  /** The file, where terms have columns of their own. */
  ResultsCsv csv(Path folder, boolean sparse) {
    List<String> more = sparse ? Terms.COLUMNS : List.of();
    return Reranking.csv(folder, "RerankingEvaluator", new MetricNames(name), more);
  }
}
