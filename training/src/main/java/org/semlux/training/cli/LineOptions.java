package org.semlux.training.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Optional;
import org.semlux.training.data.OutputFile;
import org.semlux.training.data.TextLines;
import org.semlux.training.run.OrderedEncoding;
import org.semlux.training.run.Progress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A line in, a line out: where both are, and the way from one to the other. */
final class LineOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      required = true,
      description = "UTF-8 lines, compressed by gzip or not; - is standard input.")
  String input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the answers go; the file appears when all is done. Default: standard output.")
  Path output;

  /** Opens the input, which the output must not replace, nor what else is read for it. */
  TextLines open(ModelOptions model) throws IOException {
    Path file = input.equals("-") ? null : Path.of(input);
    if (output != null) {
      OutputFile.requirePlace(output, file, model.calibration);
    }
    return file == null ? TextLines.of("standard input", System.in) : TextLines.open(file);
  }

  /** Answers every line of the input, in order. */
  <T, R> void answer(TextLines lines, LineFormat<T, R> format) throws IOException {
    if (output == null) {
      answer(lines, format, new CheckedWriter(spec.commandLine().getOut()));
      return;
    }
    try (OutputFile file = new OutputFile(output)) {
      answer(lines, format, file.writer());
      file.commit();
    }
  }

  private <T, R> void answer(TextLines lines, LineFormat<T, R> format, Writer out)
      throws IOException {
    try (Progress progress =
        new Progress(spec.commandLine().getErr(), format.task(), format.unit(), -1)) {
      OrderedEncoding<T, R> encoding =
          new OrderedEncoding<>(
              format.length(),
              format.submit(),
              answers -> {
                StringBuilder text = new StringBuilder();
                for (R answer : answers) {
                  format.write().accept(text, answer);
                  text.append('\n');
                }
                out.append(text);
                out.flush();
                progress.step(answers.size());
              });
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        encoding.add(format.read().read(lines.where(), line.get()));
      }
      encoding.finish();
    }
  }

  /** Standard output, which may be closed by whoever reads it: then there is nothing left to do. */
  private static final class CheckedWriter extends FilterWriter {
    private final PrintWriter printer;

    CheckedWriter(PrintWriter printer) {
      super(printer);
      this.printer = printer;
    }

    @Override
    public void flush() throws IOException {
      if (printer.checkError()) {
        throw new IOException("standard output is closed");
      }
    }
  }
}
