package org.semlux.training.card;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.folder.ModelFiles;

class ProvenanceTest {
  /** printf 'a b,c,0\n"d, e",f g h,4\n' | sha256sum. */
  private static final String SHA_256 =
      "24b3d81c583786b256f599ad09930bc23ffa53548cfb5d23cf6b09203703fd59";

  @TempDir Path folder;

  @Test
  void theFileSaysWhatTheModelCameFrom() throws IOException {
    Provenance.write(folder, Runs.of(Task.BI_ENCODER, 2));

    JsonObject json =
        JsonParser.parseString(Files.readString(folder.resolve("provenance.json")))
            .getAsJsonObject();
    assertThat(json.keySet())
        .containsExactly(
            "task",
            "base",
            "datasets",
            "loss",
            "hyperparameters",
            "seed",
            "best_step",
            "metrics",
            "versions",
            "hardware",
            "time");
    assertThat(json.getAsJsonObject("base"))
        .hasToString("{\"name\":\"all-minilm-l6-v2\",\"sha256\":\"" + "ab".repeat(32) + "\"}");
    assertThat(json.getAsJsonArray("datasets").get(2))
        .hasToString(
            "{\"name\":\"sts-test\",\"use\":\"evaluation\",\"file\":\"sts-test.csv\",\"sha256\":\""
                + "cd".repeat(32)
                + "\",\"rows\":1379,\"score_divisor\":5.0}");
    assertThat(json.getAsJsonObject("hyperparameters"))
        .hasToString(
            "{\"per_device_train_batch_size\":16,\"learning_rate\":5.0E-5,"
                + "\"num_train_epochs\":4.0,\"bf16\":true}");
    assertThat(json.getAsJsonObject("metrics").get("sts-test_spearman_cosine").getAsDouble())
        .isEqualTo(0.84567);
    assertThat(json.getAsJsonObject("versions").get("semlux_id").getAsString())
        .isEqualTo("0123456789ab");
    assertThat(json.getAsJsonObject("time").get("start").getAsString())
        .isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void aDataSetIsDescribedByItsRowsAndItsBytes() throws IOException {
    Path file = Files.writeString(folder.resolve("x.csv"), "a b,c,0\n\"d, e\",f g h,4\n");
    List<ScoredPair> pairs = ScoredPairs.read(file, PairColumns.DEFAULT);

    DatasetSummary summary =
        DatasetSummary.of(
            "x",
            file,
            TrainingRows.of(PairColumns.DEFAULT, pairs),
            new ScoreScale(1),
            text -> Arrays.asList(text.split(" ")));

    assertThat(summary)
        .isEqualTo(
            new DatasetSummary(
                "x",
                "x.csv",
                2,
                SHA_256,
                List.of(
                    new DatasetSummary.Column("sentence1", "tokens", 2, 2, 2),
                    new DatasetSummary.Column("sentence2", "tokens", 1, 2, 3),
                    new DatasetSummary.Column("score", "", 0, 2, 4)),
                1,
                pairs.stream().map(TrainingRow::of).toList()));
  }

  @Test
  void aBaseIsItsFilesAndWhatItsCardSays() throws IOException {
    Path golden = Path.of("../tests/src/test/resources/goldens/dense-bert-mean-normalize");
    Path base = folder.resolve("base");
    for (Path file : ModelFiles.of(golden)) {
      Files.createDirectories(base.resolve(file).getParent());
      Files.copy(golden.resolve(file), base.resolve(file));
    }
    assertThat(BaseModel.of(base).license()).isEmpty();
    String before = BaseModel.of(base).sha256();

    Files.createDirectory(base.resolve("checkpoint-7"));
    Files.copy(base.resolve("model.safetensors"), base.resolve("checkpoint-7/model.safetensors"));
    Files.writeString(
        base.resolve("README.md"),
        "---\nlanguage:\n- en\n- 'de'\ntags:\n- x\nlicense: \"apache-2.0\"\n---\nlicense: mit\n");
    assertThat(BaseModel.of(base))
        .isEqualTo(new BaseModel("base", before, "apache-2.0", List.of("en", "de")));
    Files.write(
        base.resolve("README.md"), "---\nlicense: mit\n---\nd\u00e9j\u00e0\n".getBytes(ISO_8859_1));
    assertThat(BaseModel.of(base).license()).isEqualTo("mit");
    Path pooling = base.resolve("1_Pooling/config.json");
    String settings = Files.readString(pooling);
    Files.writeString(pooling, settings + "\n");
    assertThat(BaseModel.of(base).sha256()).isNotEqualTo(before);
    Files.writeString(pooling, settings);
    assertThat(BaseModel.of(base).sha256()).isEqualTo(before);
    Files.move(base.resolve("tokenizer_config.json"), base.resolve("added_tokens.json"));
    assertThat(BaseModel.of(base).sha256()).isNotEqualTo(before);
    Path vectors = Files.writeString(folder.resolve("v.txt"), "a b,c,0\n\"d, e\",f g h,4\n");
    assertThat(BaseModel.of(vectors)).isEqualTo(new BaseModel("v.txt", SHA_256, "", List.of()));
    assertThatThrownBy(() -> BaseModel.of(folder.resolve("none"))).isInstanceOf(IOException.class);
  }

  @Test
  void thisProcessKnowsItsVersionsAndItsMachine() throws IOException {
    Versions versions = Versions.current();

    assertThat(versions.semluxId())
        .matches("[0-9a-f]{12}")
        .isEqualTo(Versions.current().semluxId());
    assertThat(
            List.of(versions.semlux(), versions.pytorch(), versions.djl(), versions.tokenizers()))
        .allMatch(version -> version.matches("\\d+\\.\\d+\\.\\d+.*"));
    assertThat(versions.java()).startsWith(Integer.toString(Runtime.version().feature()));
    assertThat(Hardware.current().cpuModel()).isNotBlank();
    assertThat(Hardware.current().cores()).isPositive();
    assertThat(Hardware.current().memoryBytes()).isGreaterThan(1L << 28);
  }
}
