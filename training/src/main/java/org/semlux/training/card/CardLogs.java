package org.semlux.training.card;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The table of a card that shows how training went: loss and the metric that models are chosen by.
 */
final class CardLogs {
  /** Longer tables are folded away. */
  private static final int FOLDED = 100;

  /** Of more logged losses than this, every second, third and so on is shown. */
  private static final int MOST_LOSSES = 200;

  private CardLogs() {}

  /** A step's loss and metrics, those that there are. */
  private static final class Row {
    double epoch;
    double loss = Double.NaN;
    final Map<String, Double> metrics = new TreeMap<>();
  }

  static String of(TrainingRun run) {
    TrainingRun.History history = run.history();
    Set<String> metrics = metrics(run);
    Map<Long, Row> rows = new TreeMap<>();
    int stride = Math.max(1, (history.steps().size() + MOST_LOSSES - 1) / MOST_LOSSES);
    for (int i = stride - 1; i < history.steps().size(); i += stride) {
      LogEntry entry = history.steps().get(i);
      Row row = rows.computeIfAbsent(entry.step(), any -> new Row());
      row.epoch = entry.epoch();
      row.loss = entry.loss();
    }
    for (EvaluationEntry entry : history.evaluations()) {
      Row row = rows.computeIfAbsent(entry.step(), any -> new Row());
      row.epoch = entry.epoch();
      row.metrics.putAll(entry.metrics());
    }
    String table = table(rows, metrics, history.bestStep());
    String text =
        rows.size() > FOLDED
            ? "<details><summary>Click to expand</summary>\n\n" + table + "\n</details>\n"
            : table;
    return "### Training Logs\n\n"
        + text
        + (rows.containsKey(history.bestStep())
            ? "\n* The bold row is the checkpoint that was kept.\n\n"
            : "\n");
  }

  /** Those that models are chosen by; all where none of them was asked for during training. */
  private static Set<String> metrics(TrainingRun run) {
    Set<String> all = new LinkedHashSet<>();
    run.history().evaluations().forEach(entry -> all.addAll(entry.metrics().keySet()));
    Set<String> primary = new LinkedHashSet<>(all);
    primary.retainAll(run.results().stream().map(TrainingRun.Result::primaryMetric).toList());
    return primary.isEmpty() ? all : primary;
  }

  private static String table(Map<Long, Row> rows, Set<String> metrics, long bestStep) {
    List<String> header = new ArrayList<>(List.of("Epoch", "Step", "Training Loss"));
    header.addAll(metrics);
    MarkdownTable table = new MarkdownTable(header);
    rows.forEach(
        (step, row) -> {
          List<String> cells = new ArrayList<>();
          cells.add(Figures.fourDigits(row.epoch));
          cells.add(step.toString());
          cells.add(Figures.fourDigits(row.loss));
          metrics.forEach(
              name -> cells.add(Figures.fourDigits(row.metrics.getOrDefault(name, Double.NaN))));
          if (step == bestStep) {
            table.addBold(cells);
          } else {
            table.add(cells);
          }
        });
    return table.toString();
  }
}
