package org.semlux.training.card;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What evaluators say, as sections of a model card. */
final class CardEvaluation {
  private CardEvaluation() {}

  /** A table for each evaluator: a row a metric, a column a data set, the base beside it. */
  static String of(TrainingRun run) {
    if (run.results().isEmpty()) {
      return "";
    }
    Map<String, List<TrainingRun.Result>> byEvaluator = new LinkedHashMap<>();
    for (TrainingRun.Result result : run.results()) {
      byEvaluator.computeIfAbsent(result.evaluator(), any -> new ArrayList<>()).add(result);
    }
    StringBuilder text = new StringBuilder("## Evaluation\n\n### Metrics\n\n");
    byEvaluator.forEach((evaluator, results) -> text.append(section(evaluator, results)));
    return text.toString();
  }

  private static String section(String evaluator, List<TrainingRun.Result> results) {
    List<String> header = new ArrayList<>(List.of("Metric"));
    Set<String> metrics = new LinkedHashSet<>();
    for (TrainingRun.Result result : results) {
      String dataset = result.dataset().isEmpty() ? "Value" : result.dataset();
      if (!result.before().isEmpty()) {
        header.add(dataset + ", base");
      }
      header.add(dataset);
      result.after().keySet().forEach(metric -> metrics.add(result.shortName(metric)));
    }
    MarkdownTable table = new MarkdownTable(header);
    for (String metric : metrics) {
      List<String> row = row(metric, results);
      if (results.stream().anyMatch(one -> one.shortName(one.primaryMetric()).equals(metric))) {
        table.addBold(row);
      } else {
        table.add(row);
      }
    }
    return """
        #### %s

        * Datasets: %s
        * Evaluated as sentence-transformers' `%s` does; models are chosen by the bold row

        %s
        """
        .formatted(
            EvaluatorNames.description(evaluator),
            results.stream().map(result -> "`" + result.dataset() + "`").collect(joining(", ")),
            evaluator,
            table);
  }

  private static List<String> row(String metric, List<TrainingRun.Result> results) {
    List<String> row = new ArrayList<>(List.of(metric));
    for (TrainingRun.Result result : results) {
      if (!result.before().isEmpty()) {
        row.add(Figures.fourDigits(value(result, result.before(), metric)));
      }
      row.add(Figures.fourDigits(value(result, result.after(), metric)));
    }
    return row;
  }

  private static double value(
      TrainingRun.Result result, Map<String, Double> metrics, String shortName) {
    return metrics.entrySet().stream()
        .filter(entry -> result.shortName(entry.getKey()).equals(shortName))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }
}
