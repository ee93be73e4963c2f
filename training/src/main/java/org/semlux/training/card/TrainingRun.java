package org.semlux.training.card;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that there is to say about a training run that is over.
 *
 * @param base what it began with
 * @param training the data it learnt from, a set for each file; never empty
 * @param evaluation the data it was judged by: dev, then test, those that there were
 * @param results one for each evaluator and data set, of the model that was kept
 * @param predictions of the model that was kept, one for each of {@code evaluation} or none
 * @param energy what an estimate of it assumes
 * @param seed of everything random
 */
public record TrainingRun(
    Task task,
    BaseModel base,
    Model model,
    Loss loss,
    Hyperparameters hyperparameters,
    List<DatasetSummary> training,
    List<DatasetSummary> evaluation,
    History history,
    List<Result> results,
    List<Predictions> predictions,
    Duration duration,
    Hardware hardware,
    Versions versions,
    Energy energy,
    long seed) {
  public TrainingRun {
    training = List.copyOf(training);
    evaluation = List.copyOf(evaluation);
    results = List.copyOf(results);
    predictions = List.copyOf(predictions);
  }

  /** The first data set that it learnt from. */
  public DatasetSummary train() {
    return training.get(0);
  }

  /**
   * The model that came out.
   *
   * @param name of its folder
   * @param maxTokens tokens of a text that are read
   * @param dimensions numbers in a vector, terms of the vocabulary, or labels of a cross-encoder
   * @param similarity cosine, dot, euclidean or manhattan; empty for a cross-encoder
   * @param architecture its modules, a line for each
   * @param routed whether queries and documents go different ways
   */
  public record Model(
      String name,
      int maxTokens,
      int dimensions,
      String similarity,
      String architecture,
      boolean routed) {}

  /**
   * What was made small.
   *
   * @param name in the reference, such as {@code CosineSimilarityLoss}
   * @param parameters by their names there; may be empty
   */
  public record Loss(String name, Map<String, Object> parameters) {
    public Loss {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }
  }

  /**
   * How it was trained, in the words of Hugging Face's TrainingArguments. Values are strings,
   * numbers and booleans.
   *
   * @param all of them, with their names
   * @param defaults what those are that nobody chose
   */
  public record Hyperparameters(Map<String, Object> all, Map<String, Object> defaults) {
    public Hyperparameters {
      all = Collections.unmodifiableMap(new LinkedHashMap<>(all));
      defaults = Map.copyOf(defaults);
    }

    /** Those that somebody chose, in their order. */
    public Map<String, Object> nonDefault() {
      Map<String, Object> chosen = new LinkedHashMap<>(all);
      chosen.entrySet().removeIf(entry -> entry.getValue().equals(defaults.get(entry.getKey())));
      return chosen;
    }
  }

  /**
   * How it went.
   *
   * @param bestStep the step whose weights were kept
   */
  public record History(List<LogEntry> steps, List<EvaluationEntry> evaluations, long bestStep) {
    public History {
      steps = List.copyOf(steps);
      evaluations = List.copyOf(evaluations);
    }
  }

  /**
   * What an evaluator says of the base and of the model that came out.
   *
   * @param evaluator its class in the reference, such as {@code EmbeddingSimilarityEvaluator}
   * @param dataset its name, which the metrics' names begin with, such as {@code sts-test}; may be
   *     empty
   * @param primaryMetric the one that models are chosen by
   * @param before of the base; empty where it has no such answers
   * @param after of the trained model
   */
  public record Result(
      String evaluator,
      String dataset,
      String primaryMetric,
      Map<String, Double> before,
      Map<String, Double> after) {
    public Result {
      before = Collections.unmodifiableMap(new LinkedHashMap<>(before));
      after = Collections.unmodifiableMap(new LinkedHashMap<>(after));
    }

    /** A metric's name without that of the data set. */
    String shortName(String metric) {
      return !dataset.isEmpty() && metric.startsWith(dataset + "_")
          ? metric.substring(dataset.length() + 1)
          : metric;
    }
  }

  /**
   * Predicted against gold. The arrays are the record's own from here on.
   *
   * @param dataset its name
   * @param gold {@code [pairs]}
   * @param predicted similarity or score, {@code [pairs]}
   */
  public record Predictions(String dataset, double[] gold, double[] predicted) {
    public Predictions {
      if (gold.length != predicted.length) {
        throw new IllegalArgumentException(
            gold.length + " gold scores for " + predicted.length + " predictions");
      }
    }
  }

  /**
   * How long it took, all resumptions together.
   *
   * @param start when the run was first started
   * @param trainingSeconds on the clock, without evaluations
   * @param evaluationSeconds on the clock
   * @param cpuSeconds of all threads, training and evaluation
   */
  public record Duration(
      Instant start, double trainingSeconds, double evaluationSeconds, double cpuSeconds) {
    /** With some more of each. */
    public Duration plus(double training, double evaluation, double cpu) {
      return new Duration(
          start, trainingSeconds + training, evaluationSeconds + evaluation, cpuSeconds + cpu);
    }

    /** On the clock, both together. */
    double totalSeconds() {
      return trainingSeconds + evaluationSeconds;
    }
  }
}
