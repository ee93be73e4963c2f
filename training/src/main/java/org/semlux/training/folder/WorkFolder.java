package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The folder OUTPUT.work beside an output: what is done lies there until the output is, so that a
 * command that was stopped goes on behind it. One process at a time.
 *
 * {@snippet lang=java :
 * try (WorkFolder work = WorkFolder.take(Path.of("mined.jsonl"), System.err::println)) {
 *   Files.writeString(work.path().resolve("vectors"), ""); // in mined.jsonl.work
 * }
 * }
 */
public final class WorkFolder implements AutoCloseable {
  private final Path path;

  private WorkFolder(Path path) {
    this.path = path;
  }

  /** Where it lies, whether it is there or not. */
  public static Path of(Path output) {
    return output.resolveSibling(output.getFileName() + ".work");
  }

  /**
   * Makes it this process's, and makes it where it is missing.
   *
   * @param tell gets a sentence where nobody knows whether the one whose it is runs
   * @throws IOException when another command is at it
   */
  public static WorkFolder take(Path output, Consumer<String> tell) throws IOException {
    Path path = of(output);
    Leftovers.take(path, tell);
    return new WorkFolder(path);
  }

  public Path path() {
    return path;
  }

  /** Gives it back, and leaves nothing where nothing is kept. */
  @Override
  public void close() throws IOException {
    Leftovers.release(path);
    if (Files.isSymbolicLink(path)) {
      return; // somebody has put it there, to a larger disk
    }
    Leftovers.deleteEmpty(path); // what is done is kept
  }
}
