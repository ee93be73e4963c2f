package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code semlux info}: what a model is, and how this machine runs it. */
@Command(
    name = "info",
    description = {"Tells what a model is, and what it computes in on this machine and why.", ""},
    footer = {"", "Example:", "  semlux info --model models/minilm"})
final class InfoCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Override
  public Integer call() throws IOException {
    EncoderInfo info;
    try (Encoder encoder = Encoder.load(model.folder, model.options())) {
      info = encoder.info();
    }
    PrintWriter out = spec.commandLine().getOut();
    print(out, "name", info.name());
    print(out, "kind", info.kind());
    print(out, "dimensions", info.dimensions());
    boolean sides = info.maxTokens() != info.maxQueryTokens();
    print(
        out,
        "max tokens",
        info.maxTokens() + (sides ? ", of a query " + info.maxQueryTokens() : ""));
    print(out, "parameters", String.format(Locale.ROOT, "%,d", info.parameters()));
    print(out, "memory", String.format(Locale.ROOT, "%,d bytes", info.bytes()));
    print(out, "precision", info.precision() + ": " + info.precisionReason());
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, String name, Object value) {
    out.printf(Locale.ROOT, "%-11s %s%n", name, value);
  }
}
