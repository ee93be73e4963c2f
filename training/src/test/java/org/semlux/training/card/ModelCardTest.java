package org.semlux.training.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCardTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Task.class)
  void hasTheHeadingsOfTheReferencesCards(Task task) throws IOException {
    String card = card(Runs.of(task, 29));
    assertThat(
            card.lines()
                .filter(line -> line.startsWith("#") && !line.startsWith("# ["))
                .filter(line -> !line.startsWith("# (")))
        .containsSubsequence(
            "## Model Details",
            "### Model Description",
            "### Model Sources",
            "### Full Model Architecture");
  }

  private String card(TrainingRun run) throws IOException {
    ModelCard.write(folder, run);
    String copies = System.getProperty("semlux.reports");
    if (copies != null) {
      Files.createDirectories(Path.of(copies));
      Files.copy(
          folder.resolve("README.md"),
          Path.of(copies).resolve(run.task() + ".md"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    return Files.readString(folder.resolve("README.md"));
  }
}
