package org.semlux.training.card;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.semlux.training.evaluate.Correlation;

/** The charts of a report: how training went, and what the model that came out says. */
final class ReportCharts {
  private static final String STEPS = "optimiser step";

  /** More dots than this only make a blot. */
  private static final int MOST_DOTS = 2000;

  private final TrainingRun run;
  private final List<LogEntry> steps;
  private final StringBuilder html = new StringBuilder();

  private ReportCharts(TrainingRun run) {
    this.run = run;
    this.steps = run.history().steps();
  }

  /** One figure after the other; those that would be empty are left out. */
  static String of(TrainingRun run) {
    ReportCharts charts = new ReportCharts(run);
    charts.loss();
    charts.metrics();
    charts.steps("Learning rate", "learning rate", LogEntry::learningRate);
    charts.steps("Gradient norm before clipping", "2-norm of the gradients", LogEntry::gradNorm);
    charts.steps("Speed", "pairs per second", LogEntry::pairsPerSecond);
    run.predictions().forEach(charts::scatter);
    return "<div class=\"charts\">\n" + charts.html + "</div>\n";
  }

  private void loss() {
    List<Chart.Series> series = new ArrayList<>();
    series.add(series("loss", LogEntry::loss));
    Set<String> parts = new LinkedHashSet<>();
    steps.forEach(entry -> parts.addAll(entry.parts().keySet()));
    for (String part : parts) {
      series.add(series(part, entry -> entry.parts().getOrDefault(part, Double.NaN)));
    }
    lines("Training loss", run.loss().name(), series, OptionalDouble.empty());
  }

  private void steps(String title, String vertical, ToDoubleFunction<LogEntry> value) {
    lines(title, vertical, List.of(series(vertical, value)), OptionalDouble.empty());
  }

  private Chart.Series series(String name, ToDoubleFunction<LogEntry> value) {
    return new Chart.Series(
        name,
        steps.stream()
            .map(entry -> point(entry.step(), entry.epoch(), name, value.applyAsDouble(entry)))
            .toList());
  }

  private static Chart.Point point(long step, double epoch, String name, double value) {
    String title =
        String.format(Locale.ROOT, "step %,d, epoch %.2f: %s %.4g", step, epoch, name, value);
    return new Chart.Point(step, value, title);
  }

  /**
   * A chart for each evaluator and kind of metric: numbers of one scale, as of all similarities.
   */
  private void metrics() {
    Map<String, Map<String, List<Chart.Point>>> charts = new LinkedHashMap<>();
    for (EvaluationEntry entry : run.history().evaluations()) {
      entry
          .metrics()
          .forEach(
              (metric, value) ->
                  charts
                      .computeIfAbsent(
                          kind(entry.evaluator(), metric), any -> new LinkedHashMap<>())
                      .computeIfAbsent(metric, any -> new ArrayList<>())
                      .add(point(entry.step(), entry.epoch(), metric, value)));
    }
    charts.forEach(
        (title, metrics) -> {
          List<Chart.Series> series = new ArrayList<>();
          metrics.forEach((name, points) -> series.add(new Chart.Series(name, points)));
          lines(
              title,
              title.substring(title.indexOf(": ") + 2),
              series,
              OptionalDouble.of((double) run.history().bestStep()));
        });
  }

  /** Correlations together, {@code accuracy@1} with {@code accuracy@3}, the rest alone. */
  private static String kind(String evaluator, String metric) {
    String kind =
        metric.contains("pearson") || metric.contains("spearman")
            ? "correlation"
            : metric.replaceFirst("@\\d+$", "");
    return EvaluatorNames.description(evaluator) + ": " + kind;
  }

  private void lines(
      String title, String vertical, List<Chart.Series> series, OptionalDouble mark) {
    List<Chart.Series> drawable =
        series.stream().filter(one -> Chart.isDrawable(List.of(one))).toList();
    if (drawable.isEmpty()) {
      return;
    }
    html.append("<figure><figcaption>").append(Html.escape(title));
    if (mark.isPresent()) {
      html.append(" <small>dashed: the step that was kept</small>");
    }
    html.append("</figcaption>\n").append(Chart.lines(STEPS, vertical, drawable, mark));
    if (drawable.size() > 1) {
      html.append("<ul class=\"legend\">");
      for (int i = 0; i < drawable.size(); i++) {
        html.append("<li class=\"c").append(i % Chart.COLOURS).append("\"><span>");
        html.append(Html.escape(drawable.get(i).name())).append("</span></li>");
      }
      html.append("</ul>\n");
    }
    html.append("</figure>\n");
  }

  private void scatter(TrainingRun.Predictions predictions) {
    double[] gold = predictions.gold();
    double[] predicted = predictions.predicted();
    int stride = Math.max(1, (gold.length + MOST_DOTS - 1) / MOST_DOTS);
    List<Chart.Point> points = new ArrayList<>();
    for (int i = 0; i < gold.length; i += stride) {
      String title = String.format(Locale.ROOT, "gold %.3f, predicted %.3f", gold[i], predicted[i]);
      points.add(new Chart.Point(gold[i], predicted[i], title));
    }
    Chart.Series series = new Chart.Series(predictions.dataset(), points);
    if (!Chart.isDrawable(List.of(series))) {
      return;
    }
    html.append(
        String.format(
            Locale.ROOT,
            "<figure class=\"dots\"><figcaption>Predicted against gold, %s"
                + " <small>Pearson %.4f, Spearman %.4f; %s</small></figcaption>%n%s</figure>%n",
            Html.escape(predictions.dataset()),
            Correlation.pearson(gold, predicted),
            Correlation.spearman(gold, predicted),
            stride == 1
                ? String.format(Locale.ROOT, "%,d pairs", gold.length)
                : String.format(Locale.ROOT, "%,d of %,d pairs", points.size(), gold.length),
            Chart.dots("gold score", "predicted", series)));
  }
}
