package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * The JDK's own file errors, whose messages often only name the file.
 *
 * {@snippet lang=java :
 * FileErrors.describe(new NoSuchFileException("texts.txt")); // no such file: texts.txt
 * }
 */
public final class FileErrors {
  private FileErrors() {}

  /** What went wrong, with which file; of other errors the message, which may be null. */
  public static String describe(IOException e) {
    if (!(e instanceof FileSystemException file) || file.getReason() != null) {
      return e.getMessage();
    }
    return problem(file) + ": " + file.getMessage(); // one file, or two of a move
  }

  private static String problem(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "not an empty folder";
    }
    if (e instanceof FileSystemLoopException) {
      return "links lead in a circle";
    }
    return "cannot be read or written";
  }
}
