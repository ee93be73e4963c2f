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
 *
 * {@snippet lang=java :
 * try (OutputFile file = new OutputFile(Path.of("answers.jsonl"))) {
 *   file.writer().write("[0.6, 0.8]\n");
 *   file.commit(); // until now nothing is there, and without it nothing will be
 * }
 * }
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
   * @param inputs what is read, which the file must not replace, wherever links lead; null is none
   * @throws IOException when it is a folder or an input, or its folder cannot be made
   */
  public static void requirePlace(Path file, Path... inputs) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("[" + file + "] is a folder: name a file in it");
    }
    for (Path input : inputs) {
      // Of a terminal both may be the same.
      boolean replaceable = input != null && Files.isRegularFile(input) && Files.exists(file);
      if (replaceable && Files.isSameFile(file, input)) {
        throw new IOException(
            "the output " + file + " would replace the input " + input + ": name another file");
      }
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
