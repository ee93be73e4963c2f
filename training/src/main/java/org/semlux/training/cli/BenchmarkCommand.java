package org.semlux.training.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.semlux.encoders.program.Precision;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.TextLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code semlux benchmark}: how fast a model is on this machine. */
@Command(
    name = "benchmark",
    description = {
      "Measures a model on this machine, from texts to numbers.",
      "",
      "Prints texts per second (best and median round, after a warm-up) and the latency of one short"
          + " text alone, for each precision and number of threads.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux benchmark --model models/minilm",
      "  semlux benchmark --model models/minilm --data stsb/test.csv --precision float32 --json"
    })
final class BenchmarkCommand implements Callable<Integer> {
  private static final int SAMPLES = 2_000;
  private static final String ROW = "%-10s %7s %14s %14s %11s %11s%n";

  @Spec CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "The model folder.")
  Path folder;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Texts to encode: scored pairs (.csv, .tsv, .jsonl) or a text a line. Default: "
              + SAMPLES
              + " generated ones.")
  Path data;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "bfloat16, float32 or auto. Default: all that the CPU multiplies natively.")
  Precision precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Default: one, and as many as there are cores.")
  Integer threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds over all texts.")
  int rounds;

  @Option(
      names = "--json",
      description =
          "Print one JSON object, with the best of each figure's setting: precision auto and all"
              + " cores unless given.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || (threads != null && threads < 1)) {
      throw new ParameterException(spec.commandLine(), "--rounds and --threads start at 1");
    }
    List<String> texts = texts();
    List<Precision> precisions = precisions();
    List<Integer> threadCounts = threadCounts();
    long runs = (long) precisions.size() * threadCounts.size() * (rounds + 1);
    List<Measurement> measurements = new ArrayList<>();
    try (Progress progress =
        new Progress(
            spec.commandLine().getErr(), "Measuring", Progress.Unit.TEXTS, runs * texts.size())) {
      for (Precision each : precisions) {
        for (int count : threadCounts) {
          measurements.add(Measurement.of(folder, each, count, texts, rounds, progress::step));
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(measurements.get(0), texts.size()));
    } else {
      printTable(measurements, texts.size(), out);
    }
    out.flush();
    return 0;
  }

  private List<String> texts() throws IOException {
    if (data == null) {
      return SampleTexts.of(SAMPLES);
    }
    List<String> texts = new ArrayList<>();
    if (data.getFileName().toString().matches("(?i).*\\.(csv|tsv|jsonl)(\\.gz)?")) {
      for (ScoredPair pair : ScoredPairs.read(data, PairColumns.DEFAULT)) {
        texts.add(pair.sentence1());
        texts.add(pair.sentence2());
      }
      return texts;
    }
    try (TextLines lines = TextLines.open(data)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        texts.add(line.get());
      }
    }
    if (texts.isEmpty()) {
      throw new IOException("[" + data + "] holds no texts");
    }
    return texts;
  }

  private List<Precision> precisions() {
    if (precision != null || json) {
      return List.of(precision == null ? Precision.AUTO : precision);
    }
    Set<Precision> natively = new LinkedHashSet<>();
    natively.add(Precision.AUTO.resolve());
    natively.add(Precision.FLOAT32);
    return List.copyOf(natively);
  }

  private List<Integer> threadCounts() {
    int cores = Runtime.getRuntime().availableProcessors();
    if (threads != null || json || cores == 1) {
      return List.of(threads == null ? cores : threads);
    }
    return List.of(1, cores);
  }

  private JsonObject json(Measurement measurement, int texts) {
    JsonObject object = new JsonObject();
    object.addProperty("model", folder.toAbsolutePath().normalize().getFileName().toString());
    object.addProperty("precision", measurement.precision().toString());
    object.addProperty("threads", measurement.threads());
    object.addProperty("texts", texts);
    object.addProperty("tokens", measurement.tokens());
    object.addProperty("texts_per_second", measurement.bestTextsPerSecond());
    object.addProperty("texts_per_second_median", measurement.medianTextsPerSecond());
    object.addProperty("latency_ms_p50", measurement.latencyMillis(50));
    object.addProperty("latency_ms_p99", measurement.latencyMillis(99));
    return object;
  }

  private void printTable(List<Measurement> measurements, int texts, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s: %,d texts of %.1f tokens, %d rounds%n",
        folder.toAbsolutePath().normalize().getFileName(),
        texts,
        (double) measurements.get(0).tokens() / texts,
        rounds);
    out.printf(
        ROW, "precision", "threads", "best texts/s", "median texts/s", "p50 of one", "p99 of one");
    for (Measurement measurement : measurements) {
      out.printf(
          ROW,
          measurement.precision(),
          measurement.threads(),
          String.format(Locale.ROOT, "%,.0f", measurement.bestTextsPerSecond()),
          String.format(Locale.ROOT, "%,.0f", measurement.medianTextsPerSecond()),
          String.format(Locale.ROOT, "%.2f ms", measurement.latencyMillis(50)),
          String.format(Locale.ROOT, "%.2f ms", measurement.latencyMillis(99)));
    }
  }
}
