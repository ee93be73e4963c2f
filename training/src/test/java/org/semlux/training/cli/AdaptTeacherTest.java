package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;

/**
 * Whose scores a model learns by {@code semlux adapt}: those of a teacher, or of its own tokens.
 */
class AdaptTeacherTest {
  @TempDir Path folder;

  /**
   * What tokens say of documents is what the mean of their states learns, but for what people
   * opened: that stands first.
   */
  @Test
  void aBaseTeachesItself() throws IOException {
    List<String> clicks = new ArrayList<>();
    for (int i = 1; i <= AdaptRun.DOCUMENTS; i += 5) { // without ids documents go by their lines
      clicks.add("which one is %s\t%s".formatted(i, i));
    }
    Path clicked = Files.write(folder.resolve("clicks.tsv"), clicks);
    CommandLineRun run =
        AdaptRun.on(
            folder,
            AdaptRun.corpus(folder),
            "--learning-rate",
            0,
            "--num-negatives",
            3,
            "--clicks",
            clicked);
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> pairs = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"))) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      List<String> texts = List.of("positive", "negative_1", "negative_2", "negative_3");
      boolean opened = row.get("anchor").getAsString().startsWith("which");
      double best = 0;
      for (int i = texts.size() - 1; i >= 0; i--) {
        double score = row.getAsJsonArray("scores").get(i).getAsDouble();
        if (i == 0 && opened) {
          assertThat(score).isGreaterThan(best + 0.04);
        } else {
          best = Math.max(best, score);
          pairs.add(new Gson().toJson(List.of(row.get("anchor"), row.get(texts.get(i)))));
          scores.add(score);
        }
      }
    }
    assertThat(pairs).anyMatch(pair -> pair.contains("which"));
    Path teacher = folder.resolve("adapted.work/own_teacher");
    assertThat(ModelFolder.open(teacher).kind()).isEqualTo(EncoderKind.MULTI_VECTOR);
    String input = String.join("\n", pairs) + "\n";
    CommandLineRun said =
        CommandLineRun.withInput(input, "score", "--model", teacher, "--input", "-");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out().lines())
        .zipSatisfy(
            scores,
            (line, score) ->
                assertThat(
                        JsonParser.parseString(line).getAsJsonObject().get("score").getAsDouble())
                    .isCloseTo(score, within(1e-5)));
    assertThat(folder.resolve("adapted.work/trained/README.md"))
        .content()
        .contains("DistillKLDivLoss", "`temperature` 0.05");
  }

  /** Of the size of what the model itself gives, before any softmax or sigmoid. */
  @ParameterizedTest
  @CsvSource({
    "bi-encoder, dense-mpnet-mean-normalize, cross-bert, 0.05, `temperature` 0.05",
    "bi-encoder, dense-mpnet-mean-normalize, , 1, `temperature` 0.05",
    "sparse-encoder, sparse-bert, cross-bert, 1, SparseDistillKLDivLoss"
  })
  void aTeachersScoresAreOfTheModelsSize(
      String task, String base, String teacher, double scale, String loss) throws IOException {
    List<Object> options = new ArrayList<>(List.of("--task", task, "--learning-rate", 0));
    options.addAll(List.of("--base", CommandLineRun.golden(base)));
    options.addAll(List.of("--retriever", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    if (teacher != null) {
      options.addAll(List.of("--teacher", CommandLineRun.golden(teacher)));
    }
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path work = folder.resolve("adapted.work");
    JsonObject row =
        JsonParser.parseString(Files.readAllLines(work.resolve("rows.jsonl")).get(0))
            .getAsJsonObject();
    String pair = new Gson().toJson(List.of(row.get("anchor"), row.get("negative_1"))) + "\n";
    Path tells = teacher == null ? work.resolve("own_teacher") : CommandLineRun.golden(teacher);
    CommandLineRun said = CommandLineRun.withInput(pair, "score", "--model", tells, "--input", "-");
    assertThat(said.exitCode()).as(said.err()).isZero();
    JsonObject answer = JsonParser.parseString(said.out()).getAsJsonObject();
    double score = answer.get(teacher == null ? "score" : "raw").getAsDouble();
    assertThat(row.getAsJsonArray("scores").get(1).getAsDouble())
        .isCloseTo(scale * score, within(scale * 1e-3));
    assertThat(work.resolve("trained/README.md")).content().contains("DistillKLDivLoss", loss);
    JsonObject report = AdaptRun.read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.getAsJsonObject("options").get("teacher").getAsString())
        .isEqualTo(
            teacher == null
                ? "the tokens of dense-mpnet-mean-normalize, compared one by one"
                : teacher);
  }
}
