package org.semlux.training.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Sha256;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.adapt.AdaptationData;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.adapt.Documents;
import org.semlux.training.adapt.SearchQuality;
import org.semlux.training.card.BaseModel;
import org.semlux.training.data.OutputFile;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.mine.MiningData;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.train.Checkpoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux adapt}: a bi-encoder and a corpus in, a bi-encoder fitted to that corpus out. */
@Command(
    name = "adapt",
    sortOptions = false,
    description = {
      "Fits a bi-encoder to a corpus that nobody has labelled, and tells whether it searches it"
          + " better.",
      "",
      "Titles ask for their texts and sentences for the texts around them; hard negatives are mined"
          + " by the base; the model learns to rank. Some documents are held out: base and adapted"
          + " model search for them, and the differences are given with 95 percent intervals (paired"
          + " bootstrap). Nothing is called better that the interval does not support.",
      ""
    },
    footer = {
      "",
      "The corpus: JSON lines with texts and perhaps titles, or a text a line. The output folder is"
          + " a model as train writes it, with adaptation.json. A run that was stopped goes on where"
          + " it was when it is started again.",
      "",
      "Example:",
      "  semlux adapt --corpus passages.jsonl --base models/minilm --output models/adapted"
    })
final class AdaptCommand implements Callable<Integer> {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  @Spec CommandSpec spec;

  @Option(names = "--corpus", paramLabel = "FILE", required = true, description = "The texts.")
  Path corpus;

  @Option(
      names = "--field",
      paramLabel = "KEY",
      defaultValue = "text",
      description = "The key of texts in JSON lines.")
  String field;

  @Option(
      names = "--title-field",
      paramLabel = "KEY",
      defaultValue = "title",
      description = "The key of titles; documents may lack it.")
  String titleField;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      required = true,
      description = "The bi-encoder to start from.")
  Path base;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the run and of its model.")
  Path output;

  @Option(
      names = "--held-out",
      paramLabel = "R",
      defaultValue = "0.1",
      description = "The share of the documents to judge by, at most 1,000 documents.")
  double heldOut;

  @Option(
      names = "--relative-margin",
      paramLabel = "R",
      defaultValue = "0.05",
      description = "How far below its positive a negative scores at least.")
  double relativeMargin;

  @Option(
      names = "--num-train-epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often the pairs are seen.")
  double epochs;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Pairs whose answers meet in one loss.")
  int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "2e-5",
      description = "AdamW's, at its highest.")
  double learningRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of everything random.")
  long seed;

  private static final int MOST_HELD_OUT = 1000;

  @Override
  public Integer call() throws IOException {
    if (!(heldOut > 0 && heldOut <= 0.5)) {
      throw new IllegalArgumentException("--held-out " + heldOut + " is not above 0 and up to 0.5");
    }
    ModelFolder model = ModelFolder.open(base);
    if (model.kind() != EncoderKind.DENSE) {
      throw ModelException.of(
          model.name(), "it is a " + model.kind() + " model, where bi-encoders are adapted");
    }
    PrintWriter err = spec.commandLine().getErr();
    AdaptationData data =
        AdaptationData.of(Documents.read(corpus, field, titleField), heldOut, MOST_HELD_OUT, seed);
    Path work = output.resolveSibling(output.getFileName() + ".work");
    begin(work);
    write(work.resolve("pairs.jsonl"), "", data.training());
    write(work.resolve("corpus.jsonl"), "text", rows(data.corpus()));
    int code = mine(work);
    code = code == 0 ? train(work) : code;
    if (code != 0) {
      return code;
    }
    AdaptationReport report =
        new AdaptationReport(
            data.judging().queries(),
            judge(base, data.judging()),
            judge(output, data.judging()),
            seed);
    report.write(output);
    print(report, err);
    return 0;
  }

  /** Makes the folder of what is done, or finds it as this same run left it. */
  private void begin(Path work) throws IOException {
    String settings =
        String.join(
            " ",
            Sha256.of(corpus),
            BaseModel.of(base).sha256(),
            field,
            titleField,
            Double.toString(heldOut),
            Double.toString(relativeMargin),
            Long.toString(seed));
    Path file = work.resolve("settings");
    if (Files.exists(file) && !Files.readString(file).equals(settings)) {
      throw new IOException(
          work
              + " was left by a run with other texts or settings: delete it, or give another --output");
    }
    Files.createDirectories(work);
    Files.writeString(file, settings);
  }

  private int mine(Path work) {
    Path triplets = work.resolve("triplets.jsonl");
    if (Files.exists(triplets)) {
      return 0;
    }
    return run(
        "mine",
        "--model",
        base,
        "--data",
        work.resolve("pairs.jsonl"),
        "--corpus",
        work.resolve("corpus.jsonl"),
        "--relative-margin",
        relativeMargin,
        "--num-negatives",
        1,
        "--output",
        triplets);
  }

  private int train(Path work) throws IOException {
    if (Files.exists(output.resolve("modules.json"))) {
      return 0;
    }
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--task",
                "bi-encoder",
                "--loss",
                "MultipleNegativesRanking",
                "--base",
                base,
                "--train",
                work.resolve("triplets.jsonl"),
                "--batch-sampler",
                "no_duplicates",
                "--warmup-ratio",
                0.1,
                "--num-train-epochs",
                epochs,
                "--per-device-train-batch-size",
                batchSize,
                "--mini-batch-size",
                32,
                "--learning-rate",
                learningRate,
                "--seed",
                seed,
                "--output",
                output));
    if (new Checkpoints(output).newest().isPresent()) {
      arguments.add("--resume");
    }
    return run(arguments.toArray());
  }

  /** Another command, as if it had been typed. */
  private int run(Object... arguments) {
    return Semlux.commandLine()
        .setOut(spec.commandLine().getOut())
        .setErr(spec.commandLine().getErr())
        .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
  }

  private SearchQuality judge(Path model, MiningData judging) throws IOException {
    EncoderOptions options = EncoderOptions.defaults();
    Path kept = output.resolveSibling(output.getFileName() + ".work").resolve("vectors");
    try (DenseEncoder encoder = DenseEncoder.load(model, options)) {
      return SearchQuality.of(
          judging,
          new MiningSearch(encoder, model, options, kept, spec.commandLine().getErr())
              .search(judging, SearchQuality.LOOKED_AT));
    }
  }

  private static List<TrainingRow> rows(List<String> texts) {
    return texts.stream().map(text -> new TrainingRow(List.of(text), List.of())).toList();
  }

  /** Texts under one key, or pairs. */
  private static void write(Path file, String key, List<TrainingRow> rows) throws IOException {
    try (OutputFile out = new OutputFile(file)) {
      for (TrainingRow row : rows) {
        JsonObject json = new JsonObject();
        if (key.isEmpty()) {
          json.addProperty("anchor", row.texts().get(0));
          json.addProperty("positive", row.texts().get(1));
        } else {
          json.addProperty(key, row.texts().get(0));
        }
        out.writer().write(GSON.toJson(json) + "\n");
      }
      out.commit();
    }
  }

  private static void print(AdaptationReport report, PrintWriter err) {
    err.printf("%-12s %8s %8s %8s   %s%n", "", "base", "adapted", "change", "95 percent interval");
    report
        .differences()
        .forEach(
            (metric, difference) ->
                err.printf(
                    Locale.ROOT,
                    "%-12s %8.4f %8.4f %+8.4f   %+.4f to %+.4f%n",
                    metric,
                    AdaptationReport.mean(report.base(), metric),
                    AdaptationReport.mean(report.adapted(), metric),
                    difference.mean(),
                    difference.low(),
                    difference.high()));
    err.println(report.verdict());
    err.flush();
  }
}
