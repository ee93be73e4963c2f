package org.semlux.training.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class TrainingReportTest {
  private static final Pattern COORDINATE =
      Pattern.compile(" (x|y|x1|x2|y1|y2|cx|cy)=\"([^\"]*)\"");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Task.class)
  void holdsAllChartsAndTablesAndLoadsNothing(Task task) throws Exception {
    String page = page(Runs.of(task, 29));

    assertThat(charts(page))
        .hasSize(6)
        .allSatisfy(
            chart -> assertThat(chart.getElementsByTagName("title").getLength()).isPositive());
    assertThat(page)
        .contains("Training loss", "Learning rate", "Gradient norm", "Speed", "correlation")
        .contains("Predicted against gold, sts-test", "1,379 pairs")
        .contains("<td>sts-test_spearman", "<td>0.8203</td><td>0.8457</td><td>+0.0254</td>")
        .contains("prefers-color-scheme: dark")
        .doesNotContain("http:", "https:", "<script", "url(", "NaN", "Infinity");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5000})
  void staysLegibleWithOneStepAndWithThousands(int logged) throws Exception {
    String page = page(Runs.of(Task.BI_ENCODER, logged));

    assertThat(page.length()).isLessThan(700_000);
    assertThat(charts(page)).hasSize(6);
    for (MatchResult found : COORDINATE.matcher(page).results().toList()) {
      double limit = found.group(1).contains("x") ? 640 : 300;
      assertThat(Double.parseDouble(found.group(2))).as(found.group()).isBetween(0.0, limit);
    }
    List<String> losses = titles(page, "loss ");
    assertThat(losses).hasSizeBetween(Math.min(logged, 300), Math.min(logged, 400));
  }

  private static List<String> titles(String page, String text) {
    return Pattern.compile("<title>step [^<]*: " + text)
        .matcher(page)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  @Test
  void aRunThatWasNeverLoggedHasNoEmptyCharts() throws Exception {
    TrainingRun run = Runs.of(Task.BI_ENCODER, 5);
    TrainingRun bare =
        new TrainingRun(
            run.task(),
            run.base(),
            run.model(),
            run.loss(),
            run.hyperparameters(),
            run.training(),
            List.of(),
            new TrainingRun.History(List.of(), List.of(), 0),
            List.of(),
            List.of(),
            run.duration(),
            run.hardware(),
            run.versions(),
            run.energy(),
            run.seed());

    String page = page(bare);

    assertThat(charts(page)).isEmpty();
    assertThat(page).contains("Nothing was evaluated.").doesNotContain("<figure>");
  }

  private String page(TrainingRun run) throws IOException {
    Path file = folder.resolve("report.html");
    TrainingReport.write(file, run);
    return Files.readString(file);
  }

  /** Each chart as a parser of XML reads it. */
  private static List<Document> charts(String page) throws Exception {
    Matcher svg = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    List<Document> charts = new ArrayList<>();
    while (svg.find()) {
      charts.add(builder.parse(new InputSource(new StringReader(svg.group()))));
    }
    return charts;
  }
}
