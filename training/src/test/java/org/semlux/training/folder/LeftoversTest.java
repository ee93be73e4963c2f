package org.semlux.training.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.KilledProcess;

/** What a process that was killed while it wrote a model has left, and who may remove it. */
class LeftoversTest {
  @TempDir Path parent;

  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void putAModel() throws IOException {
    Files.createDirectory(output());
    Files.writeString(output().resolve("config.json"), "old");
  }

  private Path output() {
    return parent.resolve("model");
  }

  /** The staging folder that the process leaves. */
  private Path kill(String method, int time) throws Exception {
    KilledProcess.run(method, time, StagedFolderTest.Replacing.class, output().toString());
    List<Path> left = Leftovers.of(output());
    assertThat(left).hasSize(1);
    return left.get(0);
  }

  /** What a next command does, beside a folder of its own. */
  private void clear() throws IOException {
    Path own = Files.createDirectory(parent.resolve(".model.unfinished-1"));
    Leftovers.clear(output(), own, told::add);
    Files.delete(own);
  }

  /** The second text is the model's first, behind whose the folder is. */
  @ParameterizedTest
  @CsvSource({"writeString, 2", "move, 1", "walkFileTree, 1"})
  void theNextCommandRemovesIt(String method, int time) throws Exception {
    kill(method, time);

    try (StagedFolder folder = StagedFolder.create(output(), true)) {
      Files.writeString(folder.path().resolve("config.json"), "newer");
      assertThat(Leftovers.of(output())).containsExactly(folder.path().getParent());
      folder.commit();
    }

    assertThat(output().resolve("config.json")).hasContent("newer");
    assertThat(parent.toFile().list()).containsExactly("model");
  }

  /** A second channel on what this process says would give its lock away. */
  @Test
  void aFolderIsHeldWhateverLinksLeadThere() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), output());
    Leftovers.take(output(), told::add);
    try {
      assertThatThrownBy(() -> Leftovers.take(link, told::add))
          .hasMessageStartingWith("another command writes into " + link);
    } finally {
      Leftovers.release(link);
    }
    assertThat(output().toFile().list()).containsExactly("config.json");
  }

  @Test
  void whatARunningProcessWritesStays() throws IOException {
    try (StagedFolder first = StagedFolder.create(output(), true)) {
      Files.writeString(first.path().resolve("config.json"), "new");
      clear();
      StagedFolder.create(output(), true).close();
      first.commit();
    }

    assertThat(output().resolve("config.json")).hasContent("new");
    assertThat(told).isEmpty();
  }

  /** Takes a folder and keeps it until its standard input ends, having looked at it itself. */
  static final class Taking {
    public static void main(String[] arguments) throws IOException {
      Path taken = Path.of(arguments[0]);
      Leftovers.take(taken, System.err::println);
      assertThat(Leftovers.runs(taken)).contains(true);
      System.out.println("taken");
      int unused = System.in.read();
    }
  }

  /** A class's {@code main} in a process of its own, whose errors come with what it prints. */
  static Process start(Class<?> main, Path argument) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path = System.getProperty("java.class.path");
    return new ProcessBuilder(
            java,
            "-cp",
            System.getProperty("surefire.test.class.path", path),
            main.getName(),
            argument.toString())
        .redirectErrorStream(true)
        .start();
  }

  /** As in a container or a copied machine where everything that tells it is the same. */
  @Test
  void aProcessThatRunsElsewhereIsToldByItsLock() throws Exception {
    Path taken = Files.createDirectory(parent.resolve(".model.unfinished-2"));
    Process process = start(Taking.class, taken);
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("taken");
      Path owner = taken.resolve(".owner");
      List<String> lines = Files.readAllLines(owner);
      lines.set(1, "4194305"); // no process here has such an id
      Files.write(owner, lines);

      clear();
      assertThat(taken).isDirectory();
      assertThat(told).isEmpty();
      assertThatThrownBy(() -> Leftovers.take(taken, told::add))
          .hasMessageStartingWith("another command writes into " + taken);
    } finally {
      process.destroyForcibly().waitFor();
    }
    clear();
    assertThat(taken).doesNotExist();
    assertThat(told).isEmpty();
  }

  /** Its id is another's now. */
  @Test
  void aProcessIsToldByItsStartToo() throws Exception {
    Path left = kill("writeString", 2);
    Path owner = left.resolve(".owner");
    List<String> lines = Files.readAllLines(owner);
    lines.set(1, String.valueOf(ProcessHandle.current().pid()));
    Files.write(owner, lines);

    clear();

    assertThat(left).doesNotExist();
    assertThat(told).isEmpty();
  }

  /** Of another machine, of one that has started anew, or not yet written. */
  @ParameterizedTest
  @ValueSource(strings = {"elsewhere pid:[1]\n%2$s\n%3$s\n", "%1$s\n%2$s\n1", "%1$s\n%2$s\n", ""})
  void whatAProcessElsewhereMayWriteIsNamedAlone(String owner) throws Exception {
    Path left = kill("writeString", 2);
    Path file = left.resolve(".owner");
    Object[] lines = Files.readAllLines(file).toArray();
    Files.writeString(file, owner.formatted(lines));
    clearNames(left);
  }

  /** Where it cannot be seen, or its start is told by another clock. */
  @ParameterizedTest
  @ValueSource(strings = {" uid:\\d+", " user:\\S+", " pid:\\S+", " time:\\S+", " [^ :]+"})
  void whatAnotherMayWriteWhomNobodySeesIsNamedAlone(String told) throws Exception {
    Path clock = Path.of("/proc/self/ns/time");
    assumeTrue(!told.startsWith(" time") || Files.exists(clock, NOFOLLOW_LINKS), "one clock");
    Path left = kill("writeString", 2);
    Path file = left.resolve(".owner");
    String owner = Files.readString(file);
    Files.writeString(file, owner.replaceFirst(told, " another"));
    assertThat(file).content().isNotEqualTo(owner);
    clearNames(left);
  }

  private void clearNames(Path left) throws IOException {

    clear();

    assertThat(left.resolve("model")).isDirectory();
    assertThat(told)
        .containsExactly(
            left
                + " was left by a command that was killed, or is of one that still runs, elsewhere or"
                + " as another user: remove it if none does");
  }

  /**
   * It stays in the list of processes until its parent asks how it ended, which this never does.
   */
  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void aProcessThatNobodyHasAskedHowItEndedHasEnded() throws Exception {
    Path left = kill("writeString", 2);
    Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 120").start();
    try {
      String id = parent.inputReader().readLine();
      String stat = stat(id);
      while (!stat.startsWith("Z ")) {
        Thread.sleep(5);
        stat = stat(id);
      }
      Path owner = left.resolve(".owner");
      String place = Files.readAllLines(owner).get(0);
      Files.write(owner, List.of(place, id, stat.split(" ")[19]));

      clear();
    } finally {
      parent.destroyForcibly();
    }

    assertThat(left).doesNotExist();
  }

  private static String stat(String id) throws IOException {
    return Files.readString(Path.of("/proc", id, "stat")).replaceFirst(".*\\) ", "");
  }

  @Test
  void onlyOnesOwnFolderIsGivenBack() throws IOException {
    Leftovers.take(output(), told::add);
    Leftovers.release(output());
    assertThat(output().resolve(".owner")).doesNotExist();
    assertThat(told).isEmpty();

    Path owner = Files.writeString(output().resolve(".owner"), "elsewhere\n1\n2\n");
    Leftovers.release(output());
    assertThat(owner).hasContent("elsewhere\n1\n2\n");
    Leftovers.take(output(), told::add);
    assertThat(told)
        .containsExactly(
            output()
                + " is of a command that was killed, or of one that still runs, elsewhere or as"
                + " another user: stop this one if it does");
  }

  @Test
  void aModelThatWasThereBeforeIsKeptAndNamed() throws Exception {
    Path left = kill("move", 3);

    clear();

    assertThat(left.resolve(".replaced/config.json")).hasContent("old");
    assertThat(told)
        .containsExactly(
            left
                + " was left by a command that was killed, and holds the model that was there"
                + " before: remove it if nobody needs that");
  }

  /** Its name begins alike. */
  @Test
  void whatIsOfAnotherOutputStays() throws Exception {
    Path left = kill("move", 2);
    Path other = parent.resolve(".model.unfinished-2.unfinished-3");
    Files.move(left, other);

    StagedFolder.requireReplaceable(output(), false);
    clear();

    assertThat(output()).doesNotExist();
    assertThat(other.resolve(".replaced/config.json")).hasContent("old");
    assertThat(told).isEmpty();
  }

  @Test
  void aLinkIsNoLeftover() throws IOException {
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(parent.resolve(".model.unfinished-2"), elsewhere);

    clear();

    assertThat(told).isEmpty();
    try (Stream<Path> files = Files.list(parent)) {
      assertThat(files).contains(link, elsewhere);
    }
  }
}
