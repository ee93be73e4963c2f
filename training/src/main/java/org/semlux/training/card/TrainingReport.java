package org.semlux.training.card;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The file {@value #FILE}: a training run to look at in a browser. One page that loads nothing and
 * runs no script; its charts are SVG, legible in light and dark.
 *
 * {@snippet lang=java :
 * Path report = Path.of("minilm-stsb").resolve(TrainingReport.FILE);
 * boolean isTrained = Files.exists(report); // a run writes it last
 * }
 */
public final class TrainingReport {
  /** The name that the file usually has. */
  public static final String FILE = "report.html";

  private final TrainingRun run;

  private TrainingReport(TrainingRun run) {
    this.run = run;
  }

  /** Writes the page. */
  public static void write(Path file, TrainingRun run) throws IOException {
    Files.writeString(file, new TrainingReport(run).page());
  }

  private String page() throws IOException {
    String title = Html.escape(run.model().name() + ": training report");
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%1$s</title>
        <style>
        %2$s</style>
        </head>
        <body>
        <h1>%1$s</h1>
        <p class="quiet">%3$s</p>
        <h2>Results</h2>
        %4$s<h2>Curves</h2>
        %5$s<div class="tables">
        %6$s</div>
        </body>
        </html>
        """
        .formatted(title, css(), Html.escape(summary()), results(), ReportCharts.of(run), tables());
  }

  private static String css() throws IOException {
    try (InputStream resource = TrainingReport.class.getResourceAsStream("report.css")) {
      return new String(resource.readAllBytes(), UTF_8);
    }
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        "A %s out of %s by %s on %,d pairs of %s; the weights of step %,d were kept. It took %s.",
        run.task(),
        run.base().name(),
        run.loss().name(),
        run.train().rows(),
        run.train().name(),
        run.history().bestStep(),
        Figures.duration(run.duration().totalSeconds()));
  }

  private String results() {
    List<List<String>> rows = new ArrayList<>();
    List<Integer> strong = new ArrayList<>();
    for (TrainingRun.Result result : run.results()) {
      result
          .after()
          .forEach(
              (metric, after) -> {
                if (metric.equals(result.primaryMetric())) {
                  strong.add(rows.size());
                }
                double before = result.before().getOrDefault(metric, Double.NaN);
                rows.add(
                    List.of(
                        metric,
                        Figures.fourDigits(before),
                        Figures.fourDigits(after),
                        Double.isNaN(after - before)
                            ? "-"
                            : String.format(Locale.ROOT, "%+.4f", after - before)));
              });
    }
    return rows.isEmpty()
        ? "<p class=\"quiet\">Nothing was evaluated.</p>\n"
        : Html.table(List.of("Metric", "Base", "Trained", "Change"), rows, strong);
  }

  private String tables() {
    Map<String, Object> all = run.hyperparameters().all();
    List<String> names = new ArrayList<>(run.hyperparameters().nonDefault().keySet());
    int chosen = names.size();
    all.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
    return section("Model", pairs(model()))
        + section("Data", Html.table(List.of("Name", "File", "Rows"), datasets(), List.of()))
        + section(
            "Hyperparameters <small>(bold: not the default)</small>",
            Html.table(
                List.of(),
                names.stream().map(name -> List.of(name, Figures.setting(all.get(name)))).toList(),
                IntStream.range(0, chosen).boxed().toList()))
        + section("Machine, time and versions", pairs(circumstances()));
  }

  private List<List<String>> model() {
    TrainingRun.Model model = run.model();
    return List.of(
        List.of("Task", run.task().toString()),
        List.of("Base", run.base().name()),
        List.of("Loss", run.loss().name() + " " + run.loss().parameters()),
        List.of("Longest text", model.maxTokens() + " tokens"),
        List.of(
            run.task() == Task.CROSS_ENCODER ? "Labels" : "Dimensions", "" + model.dimensions()),
        List.of("Similarity", model.similarity().isEmpty() ? "-" : model.similarity()),
        List.of("Modules", model.architecture()));
  }

  private List<List<String>> datasets() {
    return Stream.concat(Stream.of(run.train()), run.evaluation().stream())
        .map(
            dataset ->
                List.of(
                    dataset.name(),
                    dataset.file(),
                    String.format(Locale.ROOT, "%,d", dataset.rows())))
        .toList();
  }

  private List<List<String>> circumstances() {
    TrainingRun.Duration duration = run.duration();
    Versions versions = run.versions();
    return List.of(
        List.of("Processor", run.hardware().cpuModel() + ", " + run.hardware().cores() + " cores"),
        List.of(
            "Memory", String.format(Locale.ROOT, "%.1f GB", run.hardware().memoryBytes() / 1e9)),
        List.of("Start", duration.start().toString()),
        List.of("Training", Figures.duration(duration.trainingSeconds())),
        List.of("Evaluation", Figures.duration(duration.evaluationSeconds())),
        List.of("CPU time", Figures.duration(duration.cpuSeconds())),
        List.of(
            "Energy, estimated",
            String.format(
                Locale.ROOT,
                "%.4f kWh, %.1f g CO2",
                run.energy().kilowattHours(duration.cpuSeconds()),
                run.energy().grams(duration.cpuSeconds()))),
        List.of("Seed", Long.toString(run.seed())),
        List.of("Semlux", versions.semlux() + " (" + versions.semluxId() + ")"),
        List.of("Java", versions.java()),
        List.of("PyTorch", versions.pytorch()),
        List.of("DJL", versions.djl()),
        List.of("Tokenizers", versions.tokenizers()));
  }

  private static String pairs(List<List<String>> rows) {
    return Html.table(List.of(), rows, List.of());
  }

  private static String section(String title, String content) {
    return "<section><h2>" + title + "</h2>\n" + content + "</section>\n";
  }
}
