package org.semlux.training.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.training.folder.FileErrors;

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
    String message = e instanceof IOException file ? FileErrors.describe(file) : e.getMessage();
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

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse(message);
  }
}
