package org.semlux.training.adapt;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.semlux.training.adapt.AdaptationReport.Judged;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.ModelCard;
import org.semlux.training.card.Task;
import org.semlux.training.data.OutputFile;

/**
 * The adapted model's card. That of its training is of other weights, which were not judged.
 *
 * @param run as {@link AdaptationPlan#toJson} tells it
 */
record AdaptedCard(AdaptationPlan plan, AdaptationReport report, JsonObject run) {
  /** Writes it, unless there is one: somebody may have written more. */
  void write() throws IOException {
    Path card = plan.output().resolve(ModelCard.FILE);
    if (Files.exists(card)) {
      return;
    }
    try (OutputFile out = new OutputFile(card)) {
      out.writer().write(text());
      out.commit();
    }
  }

  private String text() throws IOException {
    BaseModel base = BaseModel.of(plan.models().base());
    Task task = plan.models().task();
    return header(base)
        + """

        # %1$s, fitted to %2$s

        `semlux adapt` made this %3$s of `%1$s` (SHA-256 of its files: `%4$s`). %5$s

        ## How It Searches

        %6$s. %7$s

        %8$s`%9$s` has queries that got better and worse, with what was found for them: people's words
        and pieces of documents. Leave it out where this folder is published.

        ## Usage

        In Elasticsearch with the Semlux plugin:

        ```bash
        semlux deploy FOLDER --to http://localhost:9200 --id ID
        ```

        The folder is one of Sentence Transformers, too.

        ## How It Was Made

        %10$s"""
            .formatted(
                base.name(),
                corpus(),
                task,
                base.sha256(),
                weights(),
                report.verdict(),
                searched(),
                tables(),
                AdaptationReport.FILE,
                items());
  }

  /** YAML that hubs read; a text in quotes is the same in JSON. */
  private String header(BaseModel base) {
    StringBuilder yaml = new StringBuilder("---\n");
    if (!base.languages().isEmpty()) {
      yaml.append("language:\n");
      base.languages().forEach(language -> yaml.append("- \"" + language + "\"\n"));
    }
    if (!base.license().isEmpty()) {
      yaml.append("license: " + base.license() + "\n");
    }
    return yaml.append("library_name: sentence-transformers\n")
        .append("tags:\n- sentence-transformers\n- semlux\n")
        .append("pipeline_tag: " + plan.models().task().pipeline() + "\n")
        .append("base_model: " + new Gson().toJson(base.name()) + "\n---\n")
        .toString();
  }

  private String corpus() {
    return plan.corpus()
        .index()
        .map(index -> "the index `" + index.name() + "`")
        .orElseGet(() -> "`" + plan.corpus().file().orElseThrow().getFileName() + "`");
  }

  private String weights() throws IOException {
    double share = plan.shareOfBase();
    return share == 0
        ? "Its weights are those that training ended with."
        : String.format(
            Locale.ROOT,
            "Its weights are a mean: those of the base count %.2f, those that training ended with"
                + " %.2f ([Wortsman et al. 2022](https://arxiv.org/abs/2109.01903)).",
            share,
            1 - share);
  }

  private String searched() {
    JsonObject texts = run.getAsJsonObject("corpus");
    long searched = texts.get("searched").getAsLong();
    JsonElement all = texts.get("documents");
    return all == null || texts.get("whole").getAsBoolean()
        ? String.format(Locale.ROOT, "%,d documents were searched.", searched)
        : String.format(
            Locale.ROOT,
            "%,d of %,d documents were searched, those with answers among them: among all of"
                + " them both models find less.",
            searched,
            all.getAsLong());
  }

  private String tables() {
    StringBuilder text = new StringBuilder();
    for (Judged one : report.judged()) {
      text.append(
          String.format(
              Locale.ROOT,
              """
              | %,d %s queries | base | adapted | change | 95 percent interval |
              |:--|--:|--:|--:|:--|
              """,
              one.queries().size(),
              one.name()));
      one.differences(report.seed())
          .forEach(
              (metric, difference) ->
                  text.append(
                      String.format(
                          Locale.ROOT,
                          "| %s | %.4f | %.4f | %+.4f | %+.4f to %+.4f |\n",
                          metric,
                          AdaptationReport.mean(one.base(), metric),
                          AdaptationReport.mean(one.adapted(), metric),
                          difference.mean(),
                          difference.low(),
                          difference.high())));
      text.append('\n');
    }
    return text.toString();
  }

  private String items() {
    StringBuilder text = new StringBuilder("- `seed`: " + plan.seed() + "\n");
    for (Map.Entry<String, JsonElement> option : run.getAsJsonObject("options").entrySet()) {
      text.append("- `" + option.getKey() + "`: " + option.getValue().getAsString() + "\n");
    }
    return text.toString();
  }
}
