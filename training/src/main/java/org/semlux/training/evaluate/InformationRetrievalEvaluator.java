package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.semlux.encoders.api.DenseVector;
import org.semlux.training.data.RetrievalData;

/**
 * How well the documents nearest to a query answer it, as the reference's evaluator of the same
 * name has it: accuracy, precision, recall, MRR, NDCG and MAP of the first k, for each similarity.
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 * @param similarities to search by
 */
public record InformationRetrievalEvaluator(String name, List<Similarity> similarities) {
  public InformationRetrievalEvaluator {
    similarities = List.copyOf(similarities);
    if (similarities.isEmpty()) {
      throw new IllegalArgumentException("no similarity to evaluate by");
    }
    new MetricNames(name); // refuses slashes
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
    requireSizes(data, queries, corpus);
    return evaluate(data, similarity -> Scores.dense(similarity, queries, corpus));
  }

  static void requireSizes(RetrievalData data, List<?> queries, List<?> corpus) {
    if (queries.size() != data.queries().size() || corpus.size() != data.corpus().size()) {
      throw new IllegalArgumentException(
          "%d embeddings for %d queries and %d for %d documents"
              .formatted(
                  queries.size(), data.queries().size(), corpus.size(), data.corpus().size()));
    }
  }

  Map<String, Double> evaluate(RetrievalData data, Function<Similarity, Scores> scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Similarity similarity : similarities) {
      new Retrieval(data, scores.apply(similarity))
          .metrics()
          .forEach((metric, value) -> metrics.put(key(similarity, metric), value));
    }
    return metrics;
  }

  /**
   * The metric that models are chosen by: NDCG of the first ten, of the one similarity or the best.
   *
   * @param metrics what {@code evaluate} returned
   */
  public String primaryMetric(Map<String, Double> metrics) {
    return similarities.stream()
        .map(similarity -> key(similarity, Retrieval.PRIMARY))
        .max(Comparator.comparing(metrics::get))
        .orElseThrow();
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
    return writeCsv(folder, epoch, steps, metrics, List.of());
  }

  /** The same with further columns, each named as its metric is. */
  Path writeCsv(
      Path folder, Number epoch, int steps, Map<String, Double> metrics, List<String> columns)
      throws IOException {
    List<String> header = new ArrayList<>(List.of("epoch", "steps"));
    List<Number> row = new ArrayList<>(List.of(epoch, steps));
    similarities.stream()
        .sorted(Comparator.comparing(Similarity::toString))
        .forEach(
            similarity ->
                Retrieval.COLUMNS.forEach(
                    (column, metric) -> {
                      header.add(similarity + "-" + column);
                      row.add(metrics.get(key(similarity, metric)));
                    }));
    for (String column : columns) {
      header.add(column);
      row.add(metrics.get(new MetricNames(name).key(column)));
    }
    Path file = folder.resolve(new MetricNames(name).file("Information-Retrieval_evaluation"));
    // The reference writes this file's lines without returns, unless it adds columns afterwards.
    ResultsCsv.append(file, header, row, columns.isEmpty() ? "\n" : "\r\n");
    return file;
  }

  private String key(Similarity similarity, String metric) {
    return new MetricNames(name).key(similarity + "_" + metric);
  }
}
