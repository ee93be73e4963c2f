package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
  @TempDir Path parent;

  private WorkFolder take() throws IOException {
    return WorkFolder.take(parent.resolve("mined.jsonl"), notice -> {});
  }

  @Test
  void isOneCommandsAtATime() throws IOException {
    Path work = parent.resolve("mined.jsonl.work");
    try (WorkFolder first = take()) {
      assertThat(first.path()).isEqualTo(work);
      assertThatThrownBy(this::take)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("another command writes into " + work);
    }
    assertThat(parent).isEmptyDirectory();
    take().close();
  }

  /** On a larger disk, where the next run finds it. */
  @Test
  void whatIsDoneIsKeptWhereverALinkLeads() throws IOException {
    Path disk = Files.createDirectory(parent.resolve("disk"));
    Path work = Files.createSymbolicLink(parent.resolve("mined.jsonl.work"), disk);
    try (WorkFolder first = take()) {
      Files.writeString(first.path().resolve("vectors"), "");
    }
    assertThat(work.toFile().list()).containsExactly("vectors");
  }
}
