package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

/** One run of the command line in this process: its exit code and what it printed. */
record CommandLineRun(int exitCode, String out, String err) {
  /** A small model of random weights that the module tests keeps; read only. */
  static final Path MODEL = golden("dense-bert-mean-normalize");

  /** Another one of them. */
  static Path golden(String name) {
    return Path.of(System.getProperty("basedir", "."))
        .resolve("../tests/src/test/resources/goldens")
        .resolve(name)
        .normalize();
  }

  static CommandLineRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Semlux.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(List.of(arguments).stream().map(Object::toString).toArray(String[]::new));
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }

  /** One at a time: there is one standard input. */
  static synchronized CommandLineRun withInput(String input, Object... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
    try {
      return of(arguments);
    } finally {
      System.setIn(before);
    }
  }
}
