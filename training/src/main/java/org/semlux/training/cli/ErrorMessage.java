package org.semlux.training.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.QueueFullException;

/** Says in one line what went wrong: the JDK's own file errors often only name the file. */
final class ErrorMessage {
  /** What the system says without a file's name. */
  private static final Set<String> FULL = Set.of("No space left on device", "Disk quota exceeded");

  private ErrorMessage() {}

  static String of(Throwable thrown) {
    Throwable e = thrown;
    while (wraps(e)) {
      e = e.getCause();
    }
    String message = e instanceof FileSystemException file ? ofFile(file) : e.getMessage();
    if (message == null || !isForUsers(e)) {
      return "unexpected " + firstLine(e.toString()) + " (--debug shows where)";
    }
    if (FULL.contains(message)) {
      return message + ": make room where the output is written, or give another --output";
    }
    return firstLine(message);
  }

  private static boolean wraps(Throwable e) {
    return (e instanceof CompletionException || e instanceof UncheckedIOException)
        && e.getCause() != null;
  }

  /** Whether the message was written for people. */
  private static boolean isForUsers(Throwable e) {
    return e instanceof IOException
        || e instanceof ModelException
        || e instanceof QueueFullException
        || e instanceof IllegalArgumentException
        || e instanceof IllegalStateException;
  }

  private static String ofFile(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file: " + e.getFile();
    }
    if (e instanceof AccessDeniedException) {
      return "no permission: " + e.getFile();
    }
    if (e instanceof NotDirectoryException) {
      return "not a folder: " + e.getFile();
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already: " + e.getFile();
    }
    return e.getMessage();
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse(message);
  }
}
