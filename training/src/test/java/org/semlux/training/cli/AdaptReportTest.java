package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.card.BaseModel;
import org.semlux.training.deploy.Manifest;

/** What {@code semlux adapt} reports: how base and adapted model were judged, and by what. */
class AdaptReportTest {
  @TempDir Path folder;

  @Test
  void judgesByWhatItNeverLearntFrom() throws IOException {
    Path corpus = AdaptRun.corpus(folder);
    Object[] options = {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--base-share", 0.5};
    CommandLineRun run = AdaptRun.on(folder, corpus, options);
    assertThat(run.exitCode()).as(run.err()).isZero();

    Path output = folder.resolve("adapted");
    JsonObject report = AdaptRun.read(output.resolve("adaptation.json"));
    JsonObject held = report.getAsJsonArray("judged").get(0).getAsJsonObject();
    JsonObject ndcg = held.getAsJsonObject("metrics").getAsJsonObject("ndcg@10");
    double low = ndcg.get("low").getAsDouble();
    assertThat(held.get("queries").getAsInt()).isEqualTo(AdaptRun.DOCUMENTS / 4);
    assertThat(ndcg.get("difference").getAsDouble())
        .isCloseTo(ndcg.get("adapted").getAsDouble() - ndcg.get("base").getAsDouble(), within(1e-9))
        .isBetween(low, ndcg.get("high").getAsDouble());
    assertThat(report.get("better").getAsBoolean()).isEqualTo(low > 0);
    assertThat(run.err()).contains(report.get("verdict").getAsString());
    Path base = CommandLineRun.golden("dense-mpnet-mean-normalize");
    JsonObject before = report.getAsJsonObject("base");
    assertThat(before.get("name").getAsString()).isEqualTo(base.toString());
    assertThat(before.get("sha256").getAsString()).isEqualTo(BaseModel.of(base).sha256());
    assertThat(before.get("version").getAsString())
        .isEqualTo(Manifest.of(base, Precision.AUTO, hashed -> {}).version());

    JsonObject texts = report.getAsJsonObject("corpus");
    assertThat(texts.get("file").getAsString()).isEqualTo(corpus.toString());
    assertThat(texts.get("sha256").getAsString()).isEqualTo(Sha256.of(corpus));
    assertThat(texts.get("searched").getAsInt()).isEqualTo(AdaptRun.DOCUMENTS);
    assertThat(texts.get("documents").getAsInt()).isEqualTo(AdaptRun.DOCUMENTS);
    assertThat(report.get("seed").getAsInt()).isEqualTo(42);
    JsonObject chosen = report.getAsJsonObject("options");
    assertThat(chosen.get("learning_rate").getAsDouble()).isEqualTo(1e-3);
    assertThat(chosen.get("base_share").getAsDouble()).isEqualTo(0.5);
    assertThat(chosen.get("teacher").getAsString())
        .isEqualTo("the tokens of dense-mpnet-mean-normalize, compared one by one");
    assertThat(chosen.get("num_negatives").getAsInt()).isEqualTo(2);
    assertThat(output.resolve("README.md"))
        .content()
        .contains("base_model: \"dense-mpnet-mean-normalize\"")
        .contains("(SHA-256 of its files: `" + BaseModel.of(base).sha256() + "`)")
        .contains("those of the base count 0.50, those that training ended with 0.50")
        .contains(report.get("verdict").getAsString(), "120 documents were searched")
        .contains("- `learning_rate`: 0.001\n", "- `seed`: 42\n");

    // No text of a held-out document is learnt from, neither as an answer nor as a negative.
    List<String> rows = Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"));
    Set<String> asked = new HashSet<>();
    for (String line : rows) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      asked.add(row.get("anchor").getAsString());
      assertThat(row.keySet())
          .containsExactly("anchor", "positive", "negative_1", "negative_2", "scores");
      assertThat(row.get("negative_1")).isNotEqualTo(row.get("negative_2"));
    }
    List<String> titles =
        Files.readAllLines(corpus).stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject().get("title").getAsString())
            .toList();
    List<String> untouched = titles.stream().filter(title -> !asked.contains(title)).toList();
    assertThat(untouched).hasSize(AdaptRun.DOCUMENTS / 4);
    List<String> numbers = untouched.stream().map(title -> title.split(" ")[2]).toList();
    assertThat(rows).noneMatch(row -> numbers.stream().anyMatch(n -> row.contains(" " + n + ".")));

    // Half of the weights is the base's.
    Safetensors old = Safetensors.open(base.resolve("model.safetensors"));
    Safetensors after = Safetensors.open(folder.resolve("adapted.work/trained/model.safetensors"));
    Safetensors mean = Safetensors.open(output.resolve("model.safetensors"));
    assertThat(mean.names()).isEqualTo(after.names());
    String name =
        mean.names().stream().filter(n -> n.contains("layer.0")).findFirst().orElseThrow();
    float[] x = old.find(name).orElseThrow().toFloats();
    float[] y = after.find(name).orElseThrow().toFloats();
    assertThat(x).isNotEqualTo(y);
    for (int i = 0; i < x.length; i++) {
      assertThat(mean.find(name).orElseThrow().toFloats()[i])
          .isEqualTo((float) (0.5 * x[i] + 0.5 * y[i]));
    }

    // What is done is not done again.
    Files.writeString(output.resolve("README.md"), "mine");
    FileTime trained = Files.getLastModifiedTime(output.resolve("model.safetensors"));
    Path settings = folder.resolve("adapted.work/settings");
    FileTime begun = Files.getLastModifiedTime(settings);
    CommandLineRun again = AdaptRun.on(folder, corpus, options);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(Files.getLastModifiedTime(output.resolve("model.safetensors"))).isEqualTo(trained);
    assertThat(Files.getLastModifiedTime(settings)).isEqualTo(begun);
    assertThat(output.resolve("README.md")).hasContent("mine");
    assertThat(AdaptRun.read(output.resolve("adaptation.json"))).isEqualTo(report);
    for (Object[] changed :
        new Object[][] {
          {"--num-train-epochs", 2},
          {"--learning-rate", 2e-3, "--num-train-epochs", 3},
          {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--base-share", 0.25},
          {"--learning-rate", 1e-3, "--num-train-epochs", 3, "--lora-rank", 4}
        }) {
      CommandLineRun changedRun = AdaptRun.on(folder, corpus, changed);
      assertThat(changedRun.exitCode()).as(changedRun.err()).isEqualTo(1);
      assertThat(changedRun.err())
          .contains("was trained by a run with other settings: delete it", "adapted.work/trained");
    }
    CommandLineRun other = AdaptRun.on(folder, corpus, "--seed", 7);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("was left by a run with other texts or settings");
  }

  /** Whoever reads a report wants to see what was found, and of how much. */
  @Test
  void theReportShowsWhatWasFound() throws IOException {
    Path corpus = AdaptRun.corpus(folder);
    CommandLineRun run =
        AdaptRun.on(
            folder, corpus, "--learning-rate", 5e-3, "--max-documents", 100, "--base-share", 0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = AdaptRun.read(folder.resolve("adapted/adaptation.json"));
    JsonObject texts = report.getAsJsonObject("corpus");
    assertThat(texts.get("searched").getAsInt()).isEqualTo(100);
    assertThat(texts.get("documents").getAsInt()).isEqualTo(AdaptRun.DOCUMENTS);
    assertThat(texts.get("whole").getAsBoolean()).isFalse();
    assertThat(folder.resolve("adapted/README.md"))
        .content()
        .contains("Its weights are those that training ended with.")
        .contains("100 of 120 documents were searched, those with answers among them");
    JsonObject held = report.getAsJsonArray("judged").get(0).getAsJsonObject();
    JsonArray examples = held.getAsJsonArray("got_better");
    examples.addAll(held.getAsJsonArray("got_worse"));
    assertThat(examples).isNotEmpty();
    List<String> lines = Files.readAllLines(corpus);
    for (JsonElement element : examples) {
      JsonObject example = element.getAsJsonObject();
      for (String side : List.of("base", "adapted")) {
        List<JsonObject> hits =
            example.getAsJsonArray(side + "_hits").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
        assertThat(hits).hasSize(5);
        for (JsonObject hit : hits) {
          JsonObject document =
              JsonParser.parseString(lines.get(hit.get("id").getAsInt() - 1)).getAsJsonObject();
          assertThat(hit.get("text")).isEqualTo(document.get("text"));
          assertThat(hit.get("relevant").getAsBoolean())
              .isEqualTo(document.get("title").equals(example.get("query")));
        }
        boolean found = hits.stream().anyMatch(hit -> hit.get("relevant").getAsBoolean());
        double fifth = Math.log(2) / Math.log(6); // NDCG of a sole answer there
        assertThat(found).isEqualTo(example.get(side).getAsDouble() >= fifth - 1e-9);
      }
    }
  }

  /** A model that learns nothing is none the better. */
  @Test
  void nothingIsCalledBetterThatIsNot() throws IOException {
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), "--learning-rate", 0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = AdaptRun.read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.get("better").getAsBoolean()).isFalse();
    assertThat(report.get("verdict").getAsString()).startsWith("Nobody can tell whether");
    assertThat(
            report.getAsJsonArray("judged").get(0).getAsJsonObject().getAsJsonArray("got_better"))
        .isEmpty();
  }

  /** A reranker is held against the one that it was, and beside that against what is reranked. */
  @Test
  void aRerankerThatLearnsNothingIsNoneTheBetter() throws IOException {
    Object[] options = {
      "--task",
      "cross-encoder",
      "--base",
      CommandLineRun.golden("cross-bert"),
      "--retriever",
      CommandLineRun.golden("dense-mpnet-mean-normalize"),
      "--learning-rate",
      0,
      "--max-pairs",
      40
    };
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), options);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = AdaptRun.read(folder.resolve("adapted/adaptation.json"));
    assertThat(report.get("better").getAsBoolean()).isFalse();
    JsonObject ndcg = ndcg(report, "judged");
    assertThat(ndcg.get("adapted")).isEqualTo(ndcg.get("base"));
    assertThat(ndcg(report, "beside").get("adapted")).isEqualTo(ndcg.get("adapted"));
    assertThat(ndcg(report, "beside").get("base")).isNotEqualTo(ndcg.get("base"));
  }

  private static JsonObject ndcg(JsonObject report, String sets) {
    JsonObject first = report.getAsJsonArray(sets).get(0).getAsJsonObject();
    return first.getAsJsonObject("metrics").getAsJsonObject("ndcg@10");
  }
}
