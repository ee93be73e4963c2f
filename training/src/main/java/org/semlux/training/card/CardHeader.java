package org.semlux.training.card;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.semlux.training.data.TrainingRow;

/**
 * The YAML in front of a model card, which hubs read. Keys and shapes are those of the Hugging Face
 * hub's model card specification; texts are quoted as JSON has it, which is YAML too.
 */
final class CardHeader {
  private static final Gson QUOTING = new GsonBuilder().disableHtmlEscaping().create();

  private final TrainingRun run;
  private final StringBuilder yaml = new StringBuilder();

  private CardHeader(TrainingRun run) {
    this.run = run;
  }

  /** The lines between the two rules, and the rules. */
  static String of(TrainingRun run, String title) {
    CardHeader header = new CardHeader(run);
    header.list("language", run.base().languages());
    if (!run.base().license().isEmpty()) {
      header.line("license: " + run.base().license());
    }
    header.line("library_name: sentence-transformers");
    header.list("tags", header.tags());
    header.list("datasets", header.datasets());
    header.list("metrics", header.metrics());
    header.line("pipeline_tag: " + run.task().pipeline());
    header.widget();
    header.modelIndex(title);
    header.emissions();
    header.line("base_model: " + quoted(run.base().name()));
    return "---\n" + header.yaml + "---\n";
  }

  private List<String> tags() {
    Stream<String> kind =
        switch (run.task()) {
          case BI_ENCODER -> Stream.of("sentence-similarity", "feature-extraction", "dense");
          case SPARSE_ENCODER -> Stream.of("sparse-encoder", "sparse", "splade");
          case CROSS_ENCODER -> Stream.of("cross-encoder", "reranker");
          case MULTI_VECTOR_ENCODER ->
              Stream.of("multi-vector-encoder", "late-interaction", "ColBERT");
        };
    return Stream.of(
            Stream.of("sentence-transformers"),
            kind,
            Stream.of(
                "semlux",
                "generated_from_trainer",
                "dataset_size:" + run.train().rows(),
                "loss:" + run.loss().name()))
        .flatMap(tags -> tags)
        .toList();
  }

  private Collection<String> datasets() {
    Set<String> names = new LinkedHashSet<>();
    names.add(run.train().name());
    run.evaluation().forEach(dataset -> names.add(dataset.name()));
    return names;
  }

  private Collection<String> metrics() {
    Set<String> names = new LinkedHashSet<>();
    for (TrainingRun.Result result : run.results()) {
      result.after().keySet().forEach(metric -> names.add(result.shortName(metric)));
    }
    return names;
  }

  /** What the hub's page offers to try: a sentence and others to compare with it, or a text. */
  private void widget() {
    List<TrainingRow> samples = run.train().samples();
    line("widget:");
    for (TrainingRow sample : samples) {
      if (run.task() == Task.SPARSE_ENCODER) {
        line("- text: " + quoted(sample.texts().get(0)));
      } else {
        line("- source_sentence: " + quoted(sample.texts().get(0)));
        line("  sentences:");
        line("  - " + quoted(sample.texts().get(1))); // its own first
        samples.stream()
            .filter(other -> !other.equals(sample))
            .forEach(other -> line("  - " + quoted(other.texts().get(1))));
      }
    }
  }

  private void modelIndex(String title) {
    if (run.results().isEmpty()) {
      return;
    }
    line("model-index:");
    line("- name: " + quoted(title));
    line("  results:");
    for (TrainingRun.Result result : run.results()) {
      String description = EvaluatorNames.description(result.evaluator());
      String dataset = result.dataset().isEmpty() ? "unknown" : result.dataset();
      line("  - task:");
      line("      type: " + description.toLowerCase(Locale.ROOT).replace(' ', '-'));
      line("      name: " + description);
      line("    dataset:");
      line("      name: " + quoted(dataset.replace('_', ' ').replace('-', ' ')));
      line("      type: " + quoted(dataset));
      line("    metrics:");
      for (Map.Entry<String, Double> metric : result.after().entrySet()) {
        if (!metric.getValue().isNaN()) {
          String name = result.shortName(metric.getKey());
          line("    - type: " + name);
          line("      value: " + metric.getValue());
          line("      name: " + title(name));
        }
      }
    }
  }

  /** {@code cosine_mrr@10} becomes {@code Cosine Mrr@10}. */
  private static String title(String metric) {
    return Stream.of(metric.split("_"))
        .filter(word -> !word.isEmpty())
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining(" "));
  }

  private void emissions() {
    double cpuSeconds = run.duration().cpuSeconds();
    line("co2_eq_emissions:");
    line("  emissions: " + run.energy().grams(cpuSeconds));
    line("  energy_consumed: " + run.energy().kilowattHours(cpuSeconds));
    line("  source: estimated from CPU time");
    line("  training_type: fine-tuning");
    line("  cpu_model: " + quoted(run.hardware().cpuModel()));
    line("  ram_total_size: " + run.hardware().memoryBytes() / 1e9);
    line("  hours_used: " + run.duration().totalSeconds() / 3600);
  }

  private void list(String key, Collection<String> values) {
    if (!values.isEmpty()) {
      line(key + ":");
      values.forEach(value -> line("- " + quoted(value)));
    }
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z][\\w./@-]*(:[\\w.-]+)?")
            && !text.matches("(?i)y|n|yes|no|on|off|true|false|null")
        ? text
        : QUOTING.toJson(text);
  }

  private void line(String text) {
    yaml.append(text).append('\n');
  }
}
