package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** Who gives it back removes the file and the folder that the other may just have opened. */
  @Test
  void twoThatTakeItInTurnsNeverMeetAFolderThatIsGone() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Callable<Void>> commands = List.of(this::takeOften, this::takeOften);
      for (Future<Void> command : threads.invokeAll(commands)) {
        command.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(parent).isEmptyDirectory();
  }

  private Void takeOften() throws IOException {
    for (int i = 0; i < 2_000; i++) {
      try (WorkFolder work = take()) {
        Path done = Files.writeString(work.path().resolve("vectors"), "");
        Files.delete(done);
      } catch (IOException e) {
        if (!String.valueOf(e.getMessage()).startsWith("another command writes into ")) {
          throw e;
        }
      }
    }
    return null;
  }

  /** Who gives it back removes the file that a second has opened, and a third makes it anew. */
  @Test
  void onlyOneHasItAtATime() throws Exception {
    Path work = parent.resolve("mined.jsonl.work");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> commands = Collections.nCopies(4, () -> holdOften(work));
      for (Future<Void> command : threads.invokeAll(commands)) {
        command.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(parent).isEmptyDirectory();
  }

  /** As other processes do, which do not know at once that this one has it. */
  private static Void holdOften(Path work) throws Exception {
    for (int i = 0; i < 2_000; i++) {
      try {
        Files.createDirectories(work);
        Leftovers.claim(work);
      } catch (IOException e) {
        continue;
      }
      Thread.sleep(0, 200_000);
      assertThat(work.resolve(".owner")).exists(); // of two the first removes the other's
      Leftovers.delete(work);
    }
    return null;
  }

  /** As another user's command leaves it that was killed. */
  @Test
  void oneThatMayNotBeWrittenIsNamedWithARemedy() throws IOException {
    Path work = Files.createDirectory(parent.resolve("mined.jsonl.work"));
    Path owner = Files.writeString(work.resolve(".owner"), "elsewhere\n1\n2\n");
    Files.setPosixFilePermissions(owner, PosixFilePermissions.fromString("r--r--r--"));
    assumeFalse(Files.isWritable(owner), "root may write everywhere");

    String refused = "no permission to write into " + work + ": give another --output";
    assertThatThrownBy(this::take)
        .hasMessage(
            refused
                + ", or, if the other user's command that was at it has ended, remove "
                + owner);
    Files.delete(owner);
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("r-xr-xr-x"));
    assertThatThrownBy(this::take).hasMessage(refused);
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
    take().close();
    assertThat(parent).isEmptyDirectory();
  }
}
