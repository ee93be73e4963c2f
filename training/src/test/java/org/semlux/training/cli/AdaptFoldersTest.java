package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.folder.Leftovers;

/** Which folders {@code semlux adapt} writes to, and which it leaves alone. */
class AdaptFoldersTest {
  @TempDir Path folder;

  /** Hours before the model would be put there. */
  @Test
  void anOutputThatHoldsSomethingIsRefusedAtOnce() throws IOException {
    Path output = Files.createDirectories(folder.resolve("adapted"));
    Files.writeString(output.resolve("config.json"), "{}");
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("semlux: " + output + " is there already: give another --output\n");
    assertThat(folder.resolve("adapted.work")).doesNotExist();
  }

  /** Nothing has been done that another run could go on from. */
  @Test
  void aRunThatFoundTooLittleIsInNobodysWay() throws IOException {
    Path few = Files.writeString(folder.resolve("few.txt"), "one text\nanother text\n");
    assertThat(AdaptRun.on(folder, few).err()).contains("2 documents give");
    assertThat(folder.resolve("adapted.work")).doesNotExist();
    assertThat(AdaptRun.on(folder, few, "--seed", 7).err()).contains("2 documents give");
    CommandLineRun run =
        AdaptRun.on(folder, AdaptRun.corpus(folder), "--learning-rate", 0, "--max-pairs", 40);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("120 of 120 documents");
  }

  @Test
  void aFolderOfWorkThatNoRunMadeIsLeftAsItIs() throws IOException {
    Path documents = folder.resolve("adapted.work/documents.jsonl");
    Files.createDirectory(documents.getParent());
    Files.writeString(documents, "mine");
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "semlux: " + documents.getParent() + " is there already: give another --output\n");
    assertThat(documents).hasContent("mine");
  }

  /** From its first file to its last: not only while one of them trains. */
  @Test
  void whatAnotherRunIsAtIsLeftAlone() throws IOException {
    Path work = Files.createDirectories(folder.resolve("adapted.work"));
    Leftovers.take(work, notice -> {});
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("semlux: another command writes into " + work + ": wait until it has ended")
        .hasLineCount(1);
    assertThat(work.toFile().list()).containsExactly(".owner");

    Leftovers.release(work);
    CommandLineRun again =
        AdaptRun.on(folder, AdaptRun.corpus(folder), "--learning-rate", 0, "--max-pairs", 40);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(work.resolve(".owner")).doesNotExist();
  }
}
