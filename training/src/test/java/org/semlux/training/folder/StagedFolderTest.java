package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.training.KilledProcess;

class StagedFolderTest {
  @TempDir Path parent;

  private Path output() {
    return parent.resolve("model");
  }

  private void fill(StagedFolder folder, String text) throws IOException {
    Files.writeString(folder.path().resolve("config.json"), text);
    Files.createDirectory(folder.path().resolve("1_Pooling"));
    Files.writeString(folder.scratch().resolve("large"), "x");
  }

  @Test
  void nothingIsThereBeforeTheEndAndNothingElseBehindIt() throws IOException {
    try (StagedFolder folder = StagedFolder.create(output(), false)) {
      fill(folder, "new");
      assertThat(output()).doesNotExist();
      folder.commit();
    }

    assertThat(output().resolve("config.json")).hasContent("new");
    assertThat(output().resolve("1_Pooling")).isDirectory();
    assertThat(parent.toFile().list()).containsExactly("model");
  }

  @Test
  void withoutACommitNothingIsLeft() throws IOException {
    try (StagedFolder folder = StagedFolder.create(output(), false)) {
      fill(folder, "new");
    }

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void anEmptyFolderMayBeThere() throws IOException {
    Files.createDirectory(output());
    try (StagedFolder folder = StagedFolder.create(output(), false)) {
      fill(folder, "new");
      folder.commit();
    }

    assertThat(output().resolve("config.json")).hasContent("new");
  }

  @Test
  void aModelIsReplacedOnlyWhenAsked() throws IOException {
    Files.createDirectory(output());
    Files.writeString(output().resolve("config.json"), "old");
    Files.writeString(output().resolve("vocab.txt"), "old");

    assertThatThrownBy(() -> StagedFolder.create(output(), false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--overwrite");
    try (StagedFolder folder = StagedFolder.create(output(), true)) {
      fill(folder, "new");
      assertThat(output().resolve("config.json")).hasContent("old");
      folder.commit();
    }
    assertThat(output().resolve("config.json")).hasContent("new");
    assertThat(output().resolve("vocab.txt")).doesNotExist();
    assertThat(parent.toFile().list()).containsExactly("model");
  }

  @Test
  void whatCannotBePutIntoItsPlaceReplacesNothing() throws IOException {
    Files.createDirectory(output());
    Files.writeString(output().resolve("config.json"), "old");

    try (StagedFolder folder = StagedFolder.create(output(), true)) {
      Files.delete(folder.path()); // as another process may
      assertThatThrownBy(folder::commit).isInstanceOf(IOException.class);
    }

    assertThat(output().resolve("config.json")).hasContent("old");
    assertThat(parent.toFile().list()).containsExactly("model");
  }

  /** The only copy of a model that was there stays where the message says. */
  @Test
  void whatCannotBePutBackEitherIsNotLost() throws IOException {
    Files.createDirectory(output());
    Files.writeString(output().resolve("config.json"), "old");
    // A way to the output that leads through it is gone as soon as that is moved away.
    Path link = Files.createSymbolicLink(parent.resolve("link"), Path.of("model/.."));

    try (StagedFolder folder = StagedFolder.create(link.resolve("model"), true)) {
      fill(folder, "new");
      assertThatThrownBy(folder::commit)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("could not be put into its place: it is " + folder.path())
          .hasMessageContaining("/.replaced");
    }

    assertThat(output()).doesNotExist();
    try (Stream<Path> files = Files.list(parent)) {
      Path staging = files.filter(file -> !file.equals(link)).findFirst().orElseThrow();
      assertThat(staging.resolve(".replaced/config.json")).hasContent("old");
      assertThat(staging.resolve("model/config.json")).hasContent("new");
    }
  }

  /** Puts a new model in the place of another, in a process of its own. */
  static final class Replacing {
    public static void main(String[] arguments) throws IOException {
      try (StagedFolder folder = StagedFolder.create(Path.of(arguments[0]), true)) {
        Files.writeString(folder.path().resolve("config.json"), "new");
        Files.writeString(folder.path().resolve("vocab.txt"), "new");
        folder.commit();
      }
    }
  }

  /**
   * The second move is the one that puts the new model into its place; the third tells that the old
   * one is of no more use.
   */
  @ParameterizedTest
  @CsvSource({"move, 1, old", "move, 2, new", "move, 3, new", "walkFileTree, 1, new"})
  void aProcessThatIsKilledLosesNoModel(String method, int time, String content) throws Exception {
    killReplacing(method, time);
    boolean between = method.equals("move") && time == 2;
    assertThat(Files.exists(output())).isEqualTo(!between);

    assertThatThrownBy(() -> StagedFolder.create(output(), false))
        .hasMessage(output() + " holds a model already: remove it or say --overwrite");

    assertThat(output().resolve("config.json")).hasContent(content);
    assertThat(output().resolve("vocab.txt")).hasContent(content);
    if (between) {
      assertThat(parent.toFile().list()).containsExactly("model");
    }
  }

  /** It is between the moves itself, or may be so: what it has moved is not for others. */
  @Test
  void theMovesOfAProcessThatMayStillRunAreItsOwn() throws Exception {
    killReplacing("move", 2);
    Path staging = Leftovers.of(output()).get(0);
    Path owner = staging.resolve(".owner");
    String killed = Files.readString(owner);
    Leftovers.claim(staging); // by this process, which runs
    assertThatThrownBy(() -> StagedFolder.create(output(), true))
        .hasMessage(
            "another command is replacing %s (in %s): wait until it has ended"
                .formatted(output(), staging));
    Leftovers.release(staging);
    Files.writeString(owner, "elsewhere " + killed);
    assertThatThrownBy(() -> StagedFolder.create(output(), true))
        .hasMessage(
            "%s was left by a command that was killed as it replaced %s, or is of one that still runs, elsewhere or as another user: if none does, move %s there, or remove %s if neither is wanted"
                .formatted(staging, output(), staging.resolve("model"), staging));

    assertThat(output()).doesNotExist();
    assertThat(staging.resolve(".replaced/config.json")).hasContent("old");
    assertThat(staging.resolve("model/config.json")).hasContent("new");
    Files.writeString(owner, killed);
    StagedFolder.requireReplaceable(output(), true);
    assertThat(output().resolve("config.json")).hasContent("new");
  }

  private void killReplacing(String method, int time) throws Exception {
    Files.createDirectory(output());
    Files.writeString(output().resolve("config.json"), "old");
    Files.writeString(output().resolve("vocab.txt"), "old");
    KilledProcess.run(method, time, Replacing.class, output().toString());
    assertThat(parent.toFile().list()).anyMatch(it -> it.startsWith(".model."));
  }

  /** The process was killed as it deleted the old model: it may be torn. */
  @Test
  void aModelThatWasReplacedDoesNotComeBack() throws Exception {
    killReplacing("walkFileTree", 1);
    Files.move(output(), parent.resolve("elsewhere"));

    StagedFolder.requireReplaceable(output(), false);

    assertThat(output()).doesNotExist();
  }

  @Test
  void whatSomebodyHasPutThereSinceStaysAndSoDoBothModels() throws Exception {
    killReplacing("move", 2);
    Files.createDirectory(output());

    StagedFolder.requireReplaceable(output(), false);

    assertThat(output()).isEmptyDirectory();
    try (Stream<Path> files = Files.list(parent)) {
      Path staging = files.filter(file -> !file.equals(output())).findFirst().orElseThrow();
      assertThat(staging.resolve(".replaced/config.json")).hasContent("old");
      assertThat(staging.resolve("model/config.json")).hasContent("new");
    }
  }

  @Test
  void aLinkToAnEmptyFolderIsReplaced() throws IOException {
    Path empty = Files.createDirectory(parent.resolve("empty"));
    Files.createSymbolicLink(output(), empty);
    try (StagedFolder folder = StagedFolder.create(output(), false)) {
      fill(folder, "new");
      folder.commit();
    }

    assertThat(output().resolve("config.json")).hasContent("new");
    assertThat(empty).isEmptyDirectory();
  }

  /** As in a hub's cache: the file is kept elsewhere, and its name would go. */
  @Test
  void aLinkInTheOutputIsNotReplaced() throws IOException {
    Path blob = Files.writeString(Files.createDirectory(parent.resolve("blobs")).resolve("1"), "x");
    Path snapshot = Files.createDirectories(parent.resolve("snapshots/1"));
    Path source = Files.createSymbolicLink(snapshot.resolve("model.onnx"), blob);
    Path link = Files.createSymbolicLink(parent.resolve("latest"), snapshot);
    for (Path output : List.of(snapshot, link, blob.getParent())) {
      for (Path read : List.of(source, link.resolve("model.onnx"))) {
        assertThatThrownBy(() -> StagedFolder.requireApart(output, read, "source"))
            .isInstanceOf(IOException.class)
            .hasMessage("the output %s would replace the source %s".formatted(output, read));
      }
    }
  }

  @Test
  void anOutputIsApartFromWhatItIsMadeOfWhereverLinksLead() throws IOException {
    Path source = Files.createDirectories(output().resolve("inner"));
    Path link = Files.createSymbolicLink(parent.resolve("link"), output());
    for (Path same : List.of(output(), link, parent.resolve("none/../link"), parent)) {
      assertThatThrownBy(() -> StagedFolder.requireApart(same, link.resolve("inner"), "source"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("would replace the source");
    }
    StagedFolder.requireApart(parent.resolve("model-2"), source, "source");
    StagedFolder.requireApart(source.resolve("deeper/new"), source, "source");
  }

  /** Makes a folder as the process goes down. */
  static final class Late {
    public static void main(String[] arguments) {
      Thread last =
          new Thread(
              () -> {
                try (StagedFolder folder = StagedFolder.create(Path.of(arguments[0]), false)) {
                  System.out.println(folder.path());
                } catch (IOException | IllegalStateException e) {
                  System.out.println(e.getMessage());
                }
              });
      Runtime.getRuntime().addShutdownHook(last);
    }
  }

  @Test
  void aProcessThatGoesDownLeavesNoFolder() throws Exception {
    Process process = LeftoversTest.start(Late.class, output());
    try {
      assertThat(process.inputReader().lines()).contains("Shutdown in progress");
      assertThat(parent).isEmptyDirectory();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void whatIsNoModelIsNeverReplaced() throws IOException {
    Files.createDirectory(output());
    Files.writeString(output().resolve("thesis.tex"), "years of work");

    assertThatThrownBy(() -> StagedFolder.create(output(), true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no model folder");
    assertThat(output().resolve("thesis.tex")).exists();
    assertThat(parent.toFile().list()).containsExactly("model");
  }
}
