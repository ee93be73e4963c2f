package org.semlux.training.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.InputType;
import org.semlux.encoders.ModelException;
import org.semlux.training.data.StrictJson;
import org.semlux.training.data.TextLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux encode}: a text a line in, a JSON object a line out. */
@Command(
    name = "encode",
    description = {
      "Turns texts into embeddings.",
      "",
      "Every line of the input is one text: a JSON string if it starts with a quote, else plain text"
          + " as it stands. Every line of the output is one JSON object, in the same order:"
          + " {\"embedding\":[...]}.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux encode --model models/minilm --input texts.txt --output vectors.jsonl",
      "  echo 'How do I reset my password?' | \\",
      "      semlux encode --model models/minilm --input - --input-type query"
    })
final class EncodeCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      required = true,
      description = "UTF-8 lines, compressed by gzip or not; - is standard input.")
  String input;

  @Option(
      names = "--input-type",
      paramLabel = "TYPE",
      description = "query or document: adds the prompt that the model has for it. Default: none.")
  InputType inputType;

  @Option(
      names = "--prompt-name",
      paramLabel = "N",
      description = "Adds the model's prompt of this name. Default: the model's own choice.")
  String promptName;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the answers go; the file appears when all is done. Default: standard output.")
  Path output;

  @Override
  public Integer call() throws IOException {
    try (TextLines lines = open();
        Encoder encoder = model.load()) {
      if (output == null) {
        encode(encoder, lines, new CheckedWriter(spec.commandLine().getOut()));
        return 0;
      }
      try (OutputFile file = new OutputFile(output)) {
        encode(encoder, lines, file.writer());
        file.commit();
      }
    }
    return 0;
  }

  private TextLines open() throws IOException {
    return input.equals("-")
        ? TextLines.of("standard input", System.in)
        : TextLines.open(Path.of(input));
  }

  private void encode(Encoder encoder, TextLines lines, Writer out) throws IOException {
    if (encoder instanceof DenseEncoder dense) {
      encode(dense::submit, EncodeCommand::appendEmbedding, lines, out);
      return;
    }
    throw ModelException.of(
        encoder.info().name(),
        "a " + encoder.info().kind() + " model does not encode single texts");
  }

  private <R> void encode(
      Function<EncodeRequest, CompletableFuture<List<R>>> submit,
      BiConsumer<StringBuilder, R> append,
      TextLines lines,
      Writer out)
      throws IOException {
    try (Progress progress =
        new Progress(spec.commandLine().getErr(), "Encoding", Progress.Unit.TEXTS, -1)) {
      OrderedEncoding<R> encoding =
          new OrderedEncoding<>(
              texts -> submit.apply(request(texts)),
              answers -> {
                StringBuilder text = new StringBuilder();
                for (R answer : answers) {
                  append.accept(text, answer);
                  text.append('\n');
                }
                out.append(text);
                out.flush();
                progress.step(answers.size());
              });
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        encoding.add(text(lines.where(), line.get()));
      }
      encoding.finish();
    }
  }

  private EncodeRequest request(List<String> texts) {
    EncodeRequest request = EncodeRequest.of(texts);
    request = inputType == null ? request : request.withInputType(inputType);
    return promptName == null ? request : request.withPromptName(promptName);
  }

  private static String text(String where, String line) throws IOException {
    if (!line.startsWith("\"")) {
      return line;
    }
    try {
      JsonElement value = StrictJson.parse(line);
      return value.getAsString();
    } catch (JsonParseException e) {
      throw new IOException(
          where + ": starts with a quote but is no JSON string: " + e.getMessage(), e);
    }
  }

  /** Numbers in the fewest digits that read back as the same float32. */
  private static void appendEmbedding(StringBuilder text, DenseVector vector) {
    text.append("{\"embedding\":[");
    String separator = "";
    for (float value : vector.values()) {
      text.append(separator).append(value);
      separator = ",";
    }
    text.append("]}");
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
