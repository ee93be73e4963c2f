package org.semlux.training.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {
  private static final EvaluationEntry EVALUATION =
      new EvaluationEntry(
          2, 0.5, "EmbeddingSimilarityEvaluator", Map.of("dev_spearman_cosine", 0.75));

  @TempDir Path folder;

  @Test
  void linesHoldTheirKeysInOrder() throws IOException {
    try (TrainingLog log = TrainingLog.create(folder)) {
      log.append(new LogEntry(1, 0.25, 0.5, Map.of("flops", 0.125), 1.5, 5e-5, 100));
      log.append(EVALUATION);
    }

    assertThat(folder.resolve("training_log.jsonl"))
        .hasContent(
            """
            {"step":1,"epoch":0.25,"loss":0.5,"flops":0.125,"grad_norm":1.5,"learning_rate":5.0E-5,"pairs_per_second":100.0}
            {"step":2,"epoch":0.5,"evaluator":"EmbeddingSimilarityEvaluator","metrics":{"dev_spearman_cosine":0.75}}
            """);
  }

  @Test
  void whatWasAppendedIsReadWhileTheLogIsOpen() throws IOException {
    try (TrainingLog log = TrainingLog.create(folder)) {
      log.append(step(1));
      log.append(EVALUATION);

      assertThat(TrainingLog.read(file()).steps()).containsExactly(step(1));
      assertThat(TrainingLog.read(file()).evaluations()).containsExactly(EVALUATION);
    }
  }

  @Test
  void numbersThatAreNoneAreNull() throws IOException {
    try (TrainingLog log = TrainingLog.create(folder)) {
      log.append(new LogEntry(1, 0.25, Double.POSITIVE_INFINITY, Map.of(), Double.NaN, 0, 1));
    }

    LogEntry read = TrainingLog.read(file()).steps().get(0);
    assertThat(file()).content().contains("\"loss\":null", "\"grad_norm\":null");
    assertThat(read.loss()).isNaN();
    assertThat(read.gradNorm()).isNaN();
    assertThat(read.learningRate()).isZero();
  }

  @Test
  void resumingDropsWhatCameAfterTheCheckpointAndTheCutOffLine() throws IOException {
    try (TrainingLog log = TrainingLog.create(folder)) {
      log.append(step(1));
      log.append(step(2));
      log.append(EVALUATION);
      log.append(step(3));
    }
    Files.writeString(file(), "{\"step\":4,\"ep", StandardOpenOption.APPEND);

    assertThat(TrainingLog.read(file()).steps()).hasSize(3);
    try (TrainingLog log = TrainingLog.resume(folder, 2)) {
      assertThat(TrainingLog.read(file()).steps()).containsExactly(step(1), step(2));
      log.append(step(3));
    }
    assertThat(TrainingLog.read(file()).steps()).containsExactly(step(1), step(2), step(3));
    assertThat(TrainingLog.read(file()).evaluations()).containsExactly(EVALUATION);
    assertThat(folder).isDirectoryNotContaining("glob:**partial");
  }

  @Test
  void resumingWithoutALogBeginsOneAndCreatingReplacesIt() throws IOException {
    try (TrainingLog log = TrainingLog.resume(folder.resolve("new"), 7)) {
      log.append(step(8));
    }
    assertThat(TrainingLog.read(folder.resolve("new/training_log.jsonl")).steps()).hasSize(1);

    TrainingLog.create(folder.resolve("new")).close();
    assertThat(folder.resolve("new/training_log.jsonl")).isEmptyFile();
  }

  @Test
  void aLineThatIsNoneIsNamed() throws IOException {
    assertBad("{\"step\":1}\nnonsense\n", ":2: not a line of a training log: it is malformed");
    assertBad("[]\n", ":1: not a line of a training log: it names no step");
    assertBad("{\"step\":1.5}\n", ":1: the step [1.5] is no whole number");
    assertBad("{\"step\":1,\"loss\":\"x\"}\n", ":1: [loss] is no number but \"x\"");
    assertBad("{\"step\":1,\"evaluator\":\"x\"}\n", ":1: an evaluation without metrics");
    assertThatThrownBy(() -> new LogEntry(1, 0, 0, Map.of("epoch", 1.0), 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[epoch]");
  }

  private void assertBad(String content, String message) throws IOException {
    Files.writeString(file(), content);
    assertThatThrownBy(() -> TrainingLog.read(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file() + message);
  }

  private static LogEntry step(long step) {
    return new LogEntry(step, step / 4.0, 1.0 / step, Map.of("a", 0.5, "b", 0.25), 2, 5e-5, 80);
  }

  private Path file() {
    return folder.resolve(TrainingLog.FILE);
  }
}
