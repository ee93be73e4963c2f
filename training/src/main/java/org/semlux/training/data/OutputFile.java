package org.semlux.training.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that appears whole or not at all: it is written beside its place under another name and
 * moved there at the end. What is no regular file, such as a pipe, is written to directly.
 */
public final class OutputFile implements Closeable {
  private final Path target;
  private final Path partial;
  private final Writer writer;

  /**
   * Begins to write.
   *
   * @param file its folder is made where it is missing
   */
  public OutputFile(Path file) throws IOException {
    requirePlace(file);
    // A link keeps its place, its target is replaced.
    target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    boolean special = Files.exists(target) && !Files.isRegularFile(target);
    String name = target.getFileName() + "." + ProcessHandle.current().pid() + ".partial";
    partial = special ? target : target.resolveSibling(name);
    writer = Files.newBufferedWriter(partial);
    if (!special) {
      partial.toFile().deleteOnExit(); // when somebody breaks off
    }
  }

  /**
   * Makes sure, before work is put into it, that a file may lie there: makes its folder.
   *
   * @throws IOException when it is a folder itself, or its folder cannot be made
   */
  public static void requirePlace(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("[" + file + "] is a folder: name a file in it");
    }
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Files.createDirectories(target.getParent());
  }

  /** UTF-8. */
  public Writer writer() {
    return writer;
  }

  /** All is written: the file takes its place. */
  public void commit() throws IOException {
    writer.close();
    if (!partial.equals(target)) {
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes what was written unless {@link #commit} came before. */
  @Override
  public void close() throws IOException {
    writer.close();
    if (!partial.equals(target)) {
      Files.deleteIfExists(partial);
    }
  }
}
