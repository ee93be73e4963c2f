package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.train.Checkpoints;

/** What {@code semlux train} saves has answers: weights that are numbers may have none. */
class TrainAnswersTest {
  @TempDir Path folder;

  /** The first step does not meet the text whose numbers add up to none. */
  @ParameterizedTest
  @ValueSource(strings = {"--max-steps 1", "--max-steps 2 --save-steps 1"})
  void aModelThatAnswersWithNoNumbersIsNotSaved(String options) throws IOException {
    CommandLineRun run = train("a planet, a planet", options);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err().lines().reduce((first, last) -> last).orElseThrow())
        .startsWith("semlux: the model after step 1 has no answers, so it is not saved (model [")
        .contains("its answer to a text holds NaN or infinite numbers")
        .endsWith("): begin again with a lower --learning-rate");
    assertThat(new Checkpoints(output()).steps()).containsExactly(0L);
    assertThat(output().resolve("modules.json")).doesNotExist();
  }

  @Test
  void oneThatAnswersIs() throws IOException {
    CommandLineRun run = train("a planet", "--max-steps 1");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private CommandLineRun train(String text, String options) throws IOException {
    Path rows =
        Files.writeString(
            folder.resolve("rows.jsonl"),
            """
            {"anchor":"a river","positive":"the water"}
            {"anchor":"the rain","positive":"the snow"}
            {"anchor":"the sun","positive":"%s"}
            """
                .formatted(text));
    String once = "--fp32 --no-shuffle --per-device-train-batch-size 2 ";
    return TrainRun.on(
        huge("planet"),
        "bi-encoder",
        output(),
        once + "--loss MultipleNegativesRanking " + options,
        "--train",
        rows);
  }

  private Path output() {
    return folder.resolve("output");
  }

  /** A model whose vector of a word has a number that no other may be added to. */
  private Path huge(String word) throws IOException {
    Path model = CommandLineRun.golden("dense-static-embedding");
    Path base = folder.resolve("base");
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, base.resolve(model.relativize(file)));
      }
    }
    int id =
        JsonParser.parseString(Files.readString(base.resolve("tokenizer.json")))
            .getAsJsonObject()
            .getAsJsonObject("model")
            .getAsJsonObject("vocab")
            .get(word)
            .getAsInt();
    Path weights = base.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(numbers.getLong(0));
    var tensor =
        JsonParser.parseString(new String(bytes, Long.BYTES, header, UTF_8))
            .getAsJsonObject()
            .getAsJsonObject("embedding.weight");
    int width = tensor.getAsJsonArray("shape").get(1).getAsInt();
    int start = tensor.getAsJsonArray("data_offsets").get(0).getAsInt();
    numbers.position(Long.BYTES + header + start + id * width * Float.BYTES);
    numbers.putFloat(3e38f);
    Files.write(weights, bytes);
    return base;
  }
}
