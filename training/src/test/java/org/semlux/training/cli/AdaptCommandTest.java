package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptCommandTest {
  private static final int DOCUMENTS = 120;

  @TempDir Path folder;

  private Path corpus() throws IOException {
    String words =
        "river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
            + " train bike road city bridge map travel ship port piano song band music film book"
            + " letter cat dog horse bird tree leaf garden seed bee doctor heart sleep pain cure";
    String[] all = words.split(" ");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      String a = all[i % all.length];
      String b = all[(i * 7 + 3) % all.length];
      String c = all[(i * 11 + i / 40) % all.length];
      lines.add(
          "{\"title\":\"%1$s %2$s %3$d\",\"text\":\"The %1$s is near the %2$s. A %3$s and %4$d.\"}"
              .replace("%1$s", a)
              .replace("%2$s", b)
              .replace("%3$s", c)
              .replace("%3$d", Integer.toString(i))
              .replace("%4$d", Integer.toString(i)));
    }
    return Files.write(folder.resolve("corpus.jsonl"), lines);
  }

  private CommandLineRun adapt(Path corpus, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("adapt", "--corpus", corpus));
    arguments.addAll(List.of("--base", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    arguments.addAll(List.of("--output", folder.resolve("adapted"), "--held-out", 0.25));
    arguments.addAll(List.of("--relative-margin", 0, "--per-device-train-batch-size", 16));
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void judgesByWhatItNeverLearntFrom() throws IOException {
    Path corpus = corpus();
    CommandLineRun run = adapt(corpus, "--learning-rate", 1e-3, "--num-train-epochs", 3);
    assertThat(run.exitCode()).as(run.err()).isZero();

    Path output = folder.resolve("adapted");
    JsonObject report = read(output.resolve("adaptation.json"));
    JsonObject ndcg = report.getAsJsonObject("metrics").getAsJsonObject("ndcg@10");
    double low = ndcg.get("low").getAsDouble();
    assertThat(report.get("queries").getAsInt()).isEqualTo(DOCUMENTS / 4);
    assertThat(ndcg.get("difference").getAsDouble())
        .isCloseTo(ndcg.get("adapted").getAsDouble() - ndcg.get("base").getAsDouble(), within(1e-9))
        .isBetween(low, ndcg.get("high").getAsDouble());
    assertThat(report.get("better").getAsBoolean()).isEqualTo(low > 0);
    assertThat(run.err()).contains(report.get("verdict").getAsString());

    // Three of four documents are learnt from, and no text of the others.
    List<String> learnt = Files.readAllLines(folder.resolve("adapted.work/corpus.jsonl"));
    assertThat(learnt).hasSize(DOCUMENTS * 3 / 4);
    List<String> texts =
        learnt.stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject().get("text").getAsString())
            .toList();
    for (String line : Files.readAllLines(folder.resolve("adapted.work/triplets.jsonl"))) {
      JsonObject triplet = JsonParser.parseString(line).getAsJsonObject();
      String positive = triplet.get("positive").getAsString();
      assertThat(texts).anyMatch(text -> text.contains(positive));
    }

    // What is done is not done again.
    FileTime trained = Files.getLastModifiedTime(output.resolve("model.safetensors"));
    CommandLineRun again = adapt(corpus, "--learning-rate", 1e-3, "--num-train-epochs", 3);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Files.getLastModifiedTime(output.resolve("model.safetensors"))).isEqualTo(trained);
    assertThat(read(output.resolve("adaptation.json"))).isEqualTo(report);
    CommandLineRun other = adapt(corpus, "--seed", 7);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("was left by a run with other texts or settings");
  }

  /** A model that learns nothing is none the better. */
  @Test
  void nothingIsCalledBetterThatIsNot() throws IOException {
    CommandLineRun run = adapt(corpus(), "--learning-rate", 0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.get("better").getAsBoolean()).isFalse();
    assertThat(report.get("verdict").getAsString()).startsWith("Nobody can tell whether");
    assertThat(report.getAsJsonArray("got_better")).isEmpty();
  }

  @Test
  void tooLittleToLearnFrom() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "One text. And a sentence of it.\n");
    CommandLineRun run = adapt(few);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("1 documents give 0 pairs to learn from and 1 queries");
  }

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }
}
