package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.semlux.encoders.api.DenseVector;
import org.semlux.training.data.RetrievalData;

/**
 * How well the documents nearest to a query answer it, as the reference's evaluator of the same
 * name has it: accuracy, precision, recall, MRR, NDCG and MAP of the first k, for each similarity.
 *
 * {@snippet lang=java :
 * RetrievalData data =
 *     RetrievalData.read(
 *         Path.of("queries.jsonl"),
 *         Path.of("corpus.jsonl"),
 *         Path.of("qrels.tsv"),
 *         System.err::println);
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   List<DenseVector> queries =
 *       encoder.encode(List.copyOf(data.queries().values()), InputType.QUERY);
 *   List<DenseVector> corpus =
 *       encoder.encode(List.copyOf(data.corpus().values()), InputType.DOCUMENT);
 *   var evaluator = new InformationRetrievalEvaluator("nq", List.of(Similarity.COSINE));
 *   evaluator.evaluate(data, queries, corpus).get("nq_cosine_ndcg@10"); // 0 to 1
 * }
 * }
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 * @param similarities to search by
 */
public record InformationRetrievalEvaluator(String name, List<Similarity> similarities) {
  public InformationRetrievalEvaluator {
    similarities = List.copyOf(similarities);
    metrics(name, similarities); // refuses slashes, and none
  }

  /**
   * Metrics by their names in the reference, {@code {name}_cosine_ndcg@10} and so on. Documents of
   * equal score are ordered by their ids.
   *
   * @param queries the embeddings of {@link RetrievalData#queries}, in their order
   * @param corpus those of {@link RetrievalData#corpus}
   */
  public Map<String, Double> evaluate(
      RetrievalData data, List<DenseVector> queries, List<DenseVector> corpus) {
    RetrievalMetrics.requireSizes(data, queries, corpus);
    return evaluate(data, similarity -> Scores.dense(similarity, queries, corpus));
  }

  Map<String, Double> evaluate(RetrievalData data, Function<Similarity, Scores> scores) {
    return metrics().of(data, name -> scores.apply(named(name)));
  }

  private Similarity named(String name) {
    return similarities.stream()
        .filter(similarity -> similarity.toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private RetrievalMetrics metrics() {
    return metrics(name, similarities);
  }

  private static RetrievalMetrics metrics(String name, List<Similarity> similarities) {
    return new RetrievalMetrics(name, similarities.stream().map(Similarity::toString).toList());
  }

  /**
   * The metric that models are chosen by: NDCG of the first ten, of the one similarity or the best.
   *
   * @param metrics what {@code evaluate} returned
   */
  public String primaryMetric(Map<String, Double> metrics) {
    return metrics().primary(metrics);
  }

  /**
   * Appends a row to {@code {folder}/Information-Retrieval_evaluation[_name]_results.csv}.
   *
   * @param epoch a fraction during training, else {@link EmbeddingSimilarityEvaluator#NOT_TRAINING}
   * @param metrics what {@code evaluate} returned
   * @return the file
   */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    return csv(folder, List.of()).append(epoch, steps, metrics);
  }

  /** The file, with further columns, each named as its metric is. */
  ResultsCsv csv(Path folder, List<String> more) {
    return metrics().csv(folder, more);
  }
}
