package org.semlux.training.card;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.semlux.training.data.TrainingRow;

/** The data sets of a run, as sections of a model card. */
final class CardDatasets {
  private final TrainingRun run;

  private CardDatasets(TrainingRun run) {
    this.run = run;
  }

  static String of(TrainingRun run) {
    CardDatasets datasets = new CardDatasets(run);
    StringBuilder text = new StringBuilder("### Training Dataset");
    text.append(run.training().size() > 1 ? "s\n\n" : "\n\n");
    run.training().forEach(dataset -> text.append(datasets.section(dataset, "training")));
    if (!run.evaluation().isEmpty()) {
      text.append(
          run.evaluation().size() > 1
              ? "### Evaluation Datasets\n\n"
              : "### Evaluation Dataset\n\n");
      run.evaluation().forEach(dataset -> text.append(datasets.section(dataset, "evaluation")));
    }
    return text.toString();
  }

  private String section(DatasetSummary dataset, String use) {
    List<String> names = dataset.columns().stream().map(DatasetSummary.Column::name).toList();
    return String.format(
        Locale.ROOT,
        """
        #### %s

        * File: `%s`, SHA-256 `%s`
        * Size: %,d %s samples
        * Columns: %s%s
        * Statistics of all samples:

        %s
        * Samples:

        %s
        * Loss: `%s`%s

        """,
        dataset.name(),
        dataset.file(),
        dataset.sha256(),
        dataset.rows(),
        use,
        names.stream().map(CardDatasets::code).collect(joining(", ")),
        dataset.scoreDivisor() == 1
            ? ""
            : "; the file's scores were divided by " + Figures.setting(dataset.scoreDivisor()),
        statistics(dataset.columns()),
        samples(names, dataset.samples()),
        run.loss().name(),
        parameters(run.loss().parameters()));
  }

  private static String statistics(List<DatasetSummary.Column> columns) {
    List<String> header = new ArrayList<>(List.of(" "));
    List<String> type = new ArrayList<>(List.of("type"));
    List<String> details = new ArrayList<>(List.of("details"));
    for (DatasetSummary.Column column : columns) {
      header.add(column.name());
      type.add(column.isText() ? "string" : "float");
      details.add(details(column));
    }
    MarkdownTable table = new MarkdownTable(header);
    table.add(type);
    table.add(details);
    return table.toString();
  }

  private static String details(DatasetSummary.Column column) {
    String length = column.isText() ? "%.0f " + column.unit() : "%.2f";
    String mean = column.isText() ? "%.2f " + column.unit() : "%.2f";
    return String.format(
        Locale.ROOT,
        "<ul><li>min: "
            + length
            + "</li><li>mean: "
            + mean
            + "</li><li>max: "
            + length
            + "</li></ul>",
        column.min(),
        column.mean(),
        column.max());
  }

  private static String samples(List<String> names, List<TrainingRow> samples) {
    MarkdownTable table = new MarkdownTable(names);
    for (TrainingRow row : samples) {
      table.add(cells(names.size(), row));
    }
    return table.toString();
  }

  /** A list in the last column of texts, and labels, share a cell. */
  private static List<String> cells(int columns, TrainingRow row) {
    int ofTexts = row.labels().isEmpty() ? columns : columns - 1;
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < ofTexts; i++) {
      cells.add(
          DatasetSummary.texts(row, i, i == ofTexts - 1).stream()
              .map(CardDatasets::code)
              .collect(joining("<br>")));
    }
    if (!row.labels().isEmpty()) {
      cells.add(
          row.labels().stream().map(label -> code(label.toString())).collect(joining("<br>")));
    }
    return cells;
  }

  /** A text as it stands, in a cell of a table. */
  static String code(String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;");
    return "<code>" + escaped.replaceAll("\\R", "<br>") + "</code>";
  }

  private static String parameters(Map<String, Object> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.entrySet().stream()
            .map(entry -> "`" + entry.getKey() + "` " + Figures.setting(entry.getValue()))
            .collect(joining(", ", " with ", ""));
  }
}
