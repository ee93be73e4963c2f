package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Calibration;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.training.benchmark.Agreement;
import org.semlux.training.benchmark.Agreement.Answers;
import org.semlux.training.benchmark.BenchmarkReport;
import org.semlux.training.benchmark.Measurement;
import org.semlux.training.benchmark.SampleTexts;
import org.semlux.training.data.DataFile;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.TextLines;
import org.semlux.training.run.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux benchmark}: how fast a model is on this machine. */
@Command(
    name = "benchmark",
    description = {
      "Measures a model on this machine, from texts to numbers.",
      "",
      "Prints texts per second (best and median round, after a warm-up) and the latency of one"
          + " short text alone, for each precision and number of threads; for a cross-encoder the"
          + " pairs of one query with 100 passages, and one short pair. The share says how much of"
          + " what the machine multiplies at best the model's matrix products reach. Behind the"
          + " table stands how near each precision's answers to these texts are to those in"
          + " float32.",
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
  private static final int PASSAGES = 100;

  @Spec CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "The model folder.")
  Path folder;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Texts to encode: scored pairs (.csv, .tsv, .jsonl, .parquet) or a text a line. Default: "
              + SAMPLES
              + " generated ones; for a cross-encoder "
              + PASSAGES
              + " of 120 tokens.")
  Path data;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "bfloat16, float32, int8 or auto. Default: auto, float32, and int8 where the model has"
              + " it.")
  Precision precision;

  @Option(names = "--calibration", paramLabel = "FILE", description = ModelOptions.CALIBRATION)
  Path calibration;

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
    GivenOptions given = new GivenOptions(spec);
    given.require(
        rounds >= 1 && (threads == null || threads >= 1), "--rounds and --threads start at 1");
    ModelFolder model = ModelFolder.open(folder);
    if (precision != null) {
      ModelOptions.warnOfSlowness(precision, spec);
    }
    List<String> texts = texts(model.kind());
    List<Precision> precisions = precisions(hasInt8(model));
    given.require(
        calibration == null || precisions.contains(Precision.INT8),
        ModelOptions.CALIBRATION_OF_INT8);
    if (calibration != null) {
      DataFile.requireLasting(calibration); // each measurement reads it
    }
    List<Integer> threadCounts = threadCounts();
    long runs = (long) precisions.size() * threadCounts.size() * (rounds + 1);
    List<Measurement> measurements = new ArrayList<>();
    try (Progress progress =
        new Progress(
            spec.commandLine().getErr(), "Measuring", unit(model.kind()), runs * texts.size())) {
      for (Precision each : precisions) {
        for (int count : threadCounts) {
          measurements.add(
              Measurement.of(folder, options(each), count, texts, rounds, progress::step));
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    BenchmarkReport report =
        new BenchmarkReport(
            model.name(),
            unit(model.kind()),
            texts.size(),
            rounds,
            measurements,
            agreements(measurements, texts));
    if (json) {
      out.println(report.json());
    } else {
      report.printTable(out);
    }
    out.flush();
    return 0;
  }

  private static Progress.Unit unit(EncoderKind kind) {
    return kind == EncoderKind.CROSS ? Progress.Unit.PAIRS : Progress.Unit.TEXTS;
  }

  private List<String> texts(EncoderKind kind) throws IOException {
    if (data == null) {
      return kind == EncoderKind.CROSS ? SampleTexts.passages(PASSAGES) : SampleTexts.of(SAMPLES);
    }
    List<String> texts = new ArrayList<>();
    if (ScoredPairs.areIn(data)) {
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

  private EncoderOptions options(Precision each) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(each);
    return calibration == null ? options : options.withCalibration(Calibration.read(calibration));
  }

  /** Whether its network multiplies what can be rounded so far. */
  private static boolean hasInt8(ModelFolder model) {
    String first = model.modules().get(0).type();
    return first.equals("Transformer") || first.equals("MLMTransformer");
  }

  private Map<Precision, Agreement> agreements(List<Measurement> measurements, List<String> texts)
      throws IOException {
    Set<Precision> others = new LinkedHashSet<>();
    measurements.forEach(measurement -> others.add(measurement.precision()));
    others.remove(Precision.FLOAT32);
    Map<Precision, Agreement> agreements = new LinkedHashMap<>();
    if (!others.isEmpty()) {
      Answers exact = Answers.of(folder, options(Precision.FLOAT32), texts);
      for (Precision other : others) {
        Answers rounded = Answers.of(folder, options(other), texts);
        agreements.put(other, Agreement.of(exact, rounded));
      }
    }
    return agreements;
  }

  private List<Precision> precisions(boolean int8) {
    if (precision != null || json) {
      return List.of(precision == null ? Precision.AUTO : precision);
    }
    Set<Precision> natively = new LinkedHashSet<>();
    natively.add(FastestPrecision.SERVING.resolve(Precision.AUTO));
    natively.add(Precision.FLOAT32);
    if (int8) {
      natively.add(Precision.INT8);
    }
    return List.copyOf(natively);
  }

  private List<Integer> threadCounts() {
    int cores = Runtime.getRuntime().availableProcessors();
    if (threads != null || json || cores == 1) {
      return List.of(threads == null ? cores : threads);
    }
    return List.of(1, cores);
  }
}
