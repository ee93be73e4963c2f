package org.semlux.training.evaluate;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.semlux.training.data.RetrievalData;

/**
 * The metrics of a search, for each way of comparing that it was made by: their names and their
 * file, as the reference has them.
 *
 * @param name of the data set, may be empty
 * @param similarities what each way is called, such as {@code cosine} or {@code maxsim}
 */
record RetrievalMetrics(String name, List<String> similarities) {
  RetrievalMetrics {
    similarities = List.copyOf(similarities);
    if (similarities.isEmpty()) {
      throw new IllegalArgumentException("no similarity to evaluate by");
    }
    new MetricNames(name); // refuses slashes
  }

  static void requireSizes(RetrievalData data, List<?> queries, List<?> corpus) {
    if (queries.size() != data.queries().size() || corpus.size() != data.corpus().size()) {
      throw new IllegalArgumentException(
          "%s embeddings for %s queries and %s for %s documents"
              .formatted(
                  queries.size(), data.queries().size(), corpus.size(), data.corpus().size()));
    }
  }

  /** {@code {name}_cosine_ndcg@10} and so on. */
  Map<String, Double> of(RetrievalData data, Function<String, Scores> scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (String similarity : similarities) {
      new Retrieval(data, scores.apply(similarity))
          .metrics()
          .forEach((metric, value) -> metrics.put(key(similarity, metric), value));
    }
    return metrics;
  }

  /** NDCG of the first ten, of the one similarity or the best. */
  String primary(Map<String, Double> metrics) {
    return similarities.stream()
        .map(similarity -> key(similarity, Retrieval.PRIMARY))
        .max(Comparator.comparing(metrics::get))
        .orElseThrow();
  }

  /**
   * The file {@code {folder}/Information-Retrieval_evaluation[_name]_results.csv}.
   *
   * @param more further columns, each named as its metric is
   */
  ResultsCsv csv(Path folder, List<String> more) {
    MetricNames names = new MetricNames(name);
    Map<String, String> columns = new LinkedHashMap<>();
    similarities.stream()
        .sorted()
        .forEach(
            similarity ->
                Retrieval.COLUMNS.forEach(
                    (column, metric) ->
                        columns.put(similarity + "-" + column, key(similarity, metric))));
    more.forEach(column -> columns.put(column, names.key(column)));
    Path file = folder.resolve(names.file("Information-Retrieval_evaluation"));
    // The reference writes this file's lines without returns, unless it adds columns afterwards.
    return new ResultsCsv(file, columns, more.isEmpty() ? "\n" : ResultsCsv.END);
  }

  private String key(String similarity, String metric) {
    return new MetricNames(name).key(similarity + "_" + metric);
  }
}
