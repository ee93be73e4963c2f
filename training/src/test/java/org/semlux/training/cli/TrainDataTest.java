package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code semlux train} takes of files: names, scales and labels. */
class TrainDataTest {
  private static final String GRADED = "sentence1,sentence2,score\na,b,5\nc,d,1\ne,f,2.5\n";

  @TempDir Path folder;

  /** The STS benchmark's scores go up to 5, and correlations do not care. */
  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-dense, MultipleNegativesRanking, 5",
    "dense-bert-mean-dense, CosineSimilarity, 70",
    "multi-vector-bert-fixed, MultipleNegativesRanking, 5",
    "sparse-bert, SparseMultipleNegativesRanking, 5",
    "cross-bert, BinaryCrossEntropy, 70",
  })
  void pairsToJudgeByNeedNoScale(String golden, String loss, int highest) throws IOException {
    String text = GRADED.replace("b,5", "b," + highest);
    Path dev = write("dev.csv", text);
    Path shares = write("shares.csv", "sentence1,sentence2,score\na,b,1\nc,d,0.2\ne,f,0.5\n");
    String options = "--fp32 --max-steps 1 --loss " + loss;
    CommandLineRun run = train(golden, "run", options, "--train", shares, "--dev", dev);

    assertThat(run.exitCode()).as(run.err()).isZero();
    CommandLineRun evaluated =
        CommandLineRun.of("evaluate", "--model", folder.resolve("run"), "--data", dev);
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out()).doesNotContain("null").contains("spearman");
  }

  /** Also the other way round, and where rows are queries with their answers. */
  @ParameterizedTest
  @CsvSource({"CosineSimilarity", "MultipleNegativesRanking"})
  void pairsThatAreLearntAndJudgedByAreCounted(String loss) throws IOException {
    Path rows = write("rows.csv", "sentence1,sentence2,score\na,b,1\nc,d,0.2\ne,e,0.5\n");
    Path dev = write("dev.csv", "sentence1,sentence2,score\nb,a,1\nc,e,0.2\ne,e,0.7\n");
    Path test = write("test.csv", "sentence1,sentence2,score\na,c,1\nd,e,0.2\n");
    CommandLineRun run =
        train(
            "dense-bert-mean-dense",
            "run",
            "--fp32 --max-steps 1 --loss " + loss,
            "--train",
            rows,
            "--dev",
            dev,
            "--test",
            test);

    assertThat(run.err())
        .contains(
            dev
                + ": 2 of 3 pairs are learnt from too, so what is judged by them promises little of"
                + " others\n")
        .doesNotContain(test + ": ");
  }

  @ParameterizedTest
  @CsvSource({"CoSENT", "AnglE"})
  void labelsThatOnlyRankNeedNoScale(String loss) throws IOException {
    Path rows = write("rows.csv", "sentence1,sentence2,label\na,b,-70\nc,d,80\ne,f,8\n");
    String options = "--fp32 --max-steps 1 --loss " + loss;
    CommandLineRun run = train("dense-bert-mean-dense", "run", options, "--train", rows);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("divided");
    CommandLineRun useless =
        train("dense-bert-mean-dense", "other", options + " --score-scale 80", "--train", rows);
    assertThat(useless.err()).contains("--score-scale changes nothing where --loss " + loss);
  }

  /** As sentence-transformers tells it, of vectors that nothing is asked of. */
  @ParameterizedTest
  @CsvSource({"'32,8', false", "'16,8', true", "'32,16,8 --matryoshka-weights 0,1,1', true"})
  void wholeVectorsThatAreNotTrainedAreTold(String dimensions, boolean told) {
    String options = "--fp32 --max-steps 1 --loss CoSENT --matryoshka-dims " + dimensions;
    CommandLineRun run = train("dense-mpnet-mean-normalize", "run", options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String said = "--matryoshka-dims has [16, 8] and not all 32 numbers of the model's vectors";
    if (told) {
      assertThat(run.err()).contains(said);
    } else {
      assertThat(run.err()).doesNotContain("--matryoshka-dims");
    }
  }

  @Test
  void filesOfSeveralScales() throws IOException {
    Path shares = write("shares.csv", "sentence1,sentence2,score\na,b,1\nc,d,0.2\n");
    Path graded = write("graded.csv", GRADED);
    Object[] files = {"--train", shares, "--train", graded};
    CommandLineRun run = train("dense-bert-mean-dense", "run", "--fp32 --max-steps 1", files);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("The scores of [" + graded + "] are divided by 5.0")
        .contains("those of the other files, which are not, stay as they are");
    assertThat(divisors("run")).containsExactly(1.0, 5.0);

    String given = "--fp32 --max-steps 1 --score-scale 10";
    run = train("dense-bert-mean-dense", "given", given, files);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("All scores are divided by 10.0, since " + graded + " holds some above 1");
    assertThat(divisors("given")).containsExactly(10.0, 10.0);
  }

  /** As sentence-transformers takes them, for every loss of scored pairs. */
  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-dense, CosineSimilarity",
    "dense-bert-mean-dense, CoSENT",
    "cross-bert, BinaryCrossEntropy",
    "sparse-bert, SparseCosineSimilarity",
  })
  void pairsOfOtherNames(String golden, String loss) throws IOException {
    Path rows =
        write(
            "rows.jsonl",
            "{'query':'a','response':'b','label':1}\n{'query':'c','response':'d','label':0}\n"
                .replace('\'', '"'));
    Path named = write("named.csv", "sentence1,sentence2,score\na,b,1\nc,d,0\n");
    String options = "--fp32 --dropout 0 --max-steps 1 --logging-steps 1 --loss " + loss;
    CommandLineRun run = train(golden, "run", options, "--train", rows);
    assertThat(run.exitCode()).as(run.err()).isZero();
    run = train(golden, "named", options, "--train", named);
    assertThat(run.exitCode()).as(run.err()).isZero();

    assertThat(TrainRun.timeless(folder.resolve("run")))
        .isEqualTo(TrainRun.timeless(folder.resolve("named")));
    assertThat(folder.resolve("run/README.md"))
        .content()
        .contains("* Columns: <code>query</code>, <code>response</code>, <code>label</code>");
  }

  private CommandLineRun train(String golden, String output, String options, Object... more) {
    return TrainRun.on(
        CommandLineRun.golden(golden),
        TrainRun.task(golden),
        folder.resolve(output),
        options,
        more);
  }

  private List<Double> divisors(String output) throws IOException {
    String text = Files.readString(folder.resolve(output).resolve("provenance.json"));
    JsonArray datasets = JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("datasets");
    return datasets.asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(dataset -> dataset.get("score_divisor").getAsDouble())
        .toList();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
