package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.ModelException;

class ModelCheckTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  @TempDir Path temporary;

  /** Before gigabytes of weights come. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1_SpladePooling/config.json | {\"pooling_strategy\":\"mean\"} | unknown pooling_strategy [mean]",
        "1_SpladePooling/config.json | {\"activation_function\":\"tanh\"} | unknown activation_function [tanh]",
        "config.json | {\"model_type\":\"qwen3\",\"hidden_size\":8,\"intermediate_size\":8,\"vocab_size\":216,"
            + "\"num_attention_heads\":1,\"num_hidden_layers\":1} | its architecture has no term weights"
      })
  void aSparseHeadsSettingsAreLookedAtWithoutWeights(String file, String json, String problem)
      throws IOException {
    Path folder = withoutWeights("sparse-bert");
    assertThatCode(() -> ModelCheck.ofSettings(folder)).doesNotThrowAnyException();

    Files.writeString(folder.resolve(file), json);

    assertThatThrownBy(() -> ModelCheck.ofSettings(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(problem);
  }

  private Path withoutWeights(String golden) throws IOException {
    Path from = GOLDENS.resolve(golden);
    Path to = temporary.resolve(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        if (!file.toString().endsWith(".safetensors")) {
          Files.copy(file, to.resolve(from.relativize(file).toString()));
        }
      }
    }
    return to;
  }
}
