package org.semlux.training.card;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRow;

/** Training runs as a trainer tells of them, with numbers made up. */
final class Runs {
  static final List<TrainingRow> SAMPLES =
      List.of(
          TrainingRow.of(
              new ScoredPair("A plane is taking off.", "An air plane is taking off.", 1)),
          TrainingRow.of(
              new ScoredPair("It's a <b>man|woman</b>", "Two\nlines & \"quotes\"", 0.76)),
          TrainingRow.of(new ScoredPair("Ein Mädchen tanzt.", "A girl dances.", 0.5)));

  private Runs() {}

  /** Of so many logged steps, every fifth of them with an evaluation. */
  static TrainingRun of(Task task, int logged) {
    boolean cross = task == Task.CROSS_ENCODER;
    String evaluator = cross ? "CrossEncoderCorrelationEvaluator" : "EmbeddingSimilarityEvaluator";
    String metric = cross ? "spearman" : "spearman_cosine";
    List<LogEntry> steps = new ArrayList<>();
    List<EvaluationEntry> evaluations = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 1; i <= logged; i++) {
      long step = 50L * i;
      double loss = 0.02 + 0.2 / i + 0.005 * random.nextGaussian();
      steps.add(
          new LogEntry(
              step,
              4.0 * i / logged,
              loss,
              task == Task.SPARSE_ENCODER
                  ? Map.of(
                      "sparse_cosine_similarity", loss * 0.8, "document_regularizer", loss * 0.2)
                  : Map.of(),
              1 + random.nextDouble(),
              5e-5 * (1 - (double) i / logged),
              150 + 10 * random.nextGaussian()));
      if (i % 5 == 0 || i == logged) {
        evaluations.add(
            new EvaluationEntry(
                step, 4.0 * i / logged, evaluator, metrics("sts-dev", metric, 0.9 - 0.1 / i)));
      }
    }
    double[] gold = random.doubles(1379).map(x -> Math.rint(x * 25) / 25).toArray();
    double[] predicted = new double[gold.length];
    for (int i = 0; i < gold.length; i++) {
      predicted[i] = 0.2 + 0.7 * gold[i] + 0.1 * random.nextGaussian();
    }
    return new TrainingRun(
        task,
        new BaseModel("all-minilm-l6-v2", "ab".repeat(32), "apache-2.0", List.of("en")),
        new TrainingRun.Model(
            "Minilm STSb",
            256,
            cross ? 1 : 384,
            cross ? "" : "cosine",
            "(0) Transformer\n(1) Pooling",
            false),
        new TrainingRun.Loss("CoSENTLoss", Map.of("scale", 20.0)),
        hyperparameters(),
        List.of(dataset("sts-train", 5749)),
        List.of(dataset("sts-dev", 1500), dataset("sts-test", 1379)),
        new TrainingRun.History(steps, evaluations, 50L * logged),
        List.of(
            result(evaluator, "sts-dev", metric, 0.8812),
            result(evaluator, "sts-test", metric, 0.84567)),
        List.of(new TrainingRun.Predictions("sts-test", gold, predicted)),
        new TrainingRun.Duration(Instant.parse("2026-01-02T03:04:05Z"), 90, 6, 3600),
        new Hardware("Some CPU @ 2.00GHz", 2, 16_000_000_000L),
        new Versions("0.1.0", "0123456789ab", "25+36", "2.7.1", "0.35.1", "0.21.0-0.35.1"),
        Energy.DEFAULT,
        42);
  }

  private static TrainingRun.Hyperparameters hyperparameters() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("per_device_train_batch_size", 16);
    all.put("learning_rate", 5e-5);
    all.put("num_train_epochs", 4.0);
    all.put("bf16", true);
    return new TrainingRun.Hyperparameters(
        all,
        Map.of(
            "per_device_train_batch_size",
            8,
            "learning_rate",
            5e-5,
            "num_train_epochs",
            3.0,
            "bf16",
            true));
  }

  private static DatasetSummary dataset(String name, long rows) {
    return new DatasetSummary(
        name,
        name + ".csv",
        rows,
        "cd".repeat(32),
        List.of(
            new DatasetSummary.Column("sentence1", "tokens", 6, 10.16, 28),
            new DatasetSummary.Column("sentence2", "tokens", 6, 10.125, 25),
            new DatasetSummary.Column("score", "", 0, 0.45, 1)),
        5,
        SAMPLES);
  }

  private static TrainingRun.Result result(
      String evaluator, String dataset, String metric, double value) {
    return new TrainingRun.Result(
        evaluator,
        dataset,
        dataset + "_" + metric,
        metrics(dataset, metric, 0.8203),
        metrics(dataset, metric, value));
  }

  private static Map<String, Double> metrics(String dataset, String metric, double value) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(dataset + "_" + metric.replace("spearman", "pearson"), value - 0.01);
    metrics.put(dataset + "_" + metric, value);
    return metrics;
  }
}
