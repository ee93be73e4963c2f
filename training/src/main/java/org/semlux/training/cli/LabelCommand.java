package org.semlux.training.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.OutputFile;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.folder.WorkFolder;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.TeacherScores;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux label}: rows of training data in, the same with a teacher's scores out. */
@Command(
    name = "label",
    description = {
      "Has a cross-encoder score training data, for a smaller model to learn from.",
      "",
      "Each row's first text is a query, and the others are scored for it: pairs, triplets, rows of"
          + " several negatives, lists. The output has the same columns and a list of scores, one"
          + " for each text but the first, as MarginMSE, DistillKLDiv, ListNet and MSE take them.",
      ""
    },
    footer = {
      "",
      "A run that was stopped goes on where it was when it is started again: until the output is"
          + " there, what is done lies in the folder OUTPUT.work.",
      "",
      "Example:",
      "  semlux label --model models/reranker --data triplets.jsonl --output labelled.jsonl",
      "  semlux train --task bi-encoder --loss MarginMSE --base models/minilm \\",
      "      --train labelled.jsonl --output models/distilled"
    })
final class LabelCommand implements Callable<Integer> {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Mixin ThreadOptions threads;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "Rows as train reads them; labels that they have are replaced.")
  Path data;

  @Option(
      names = "--activated",
      description =
          "Write scores after the model's last activation, which brings most between 0 and 1."
              + " Default: before it, as margins need them.")
  boolean activated;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "JSON lines, as train reads them.")
  Path output;

  @Override
  public Integer call() throws IOException {
    if (!PairScorer.isIn(model.kind())) {
      throw model.unsuited("where a teacher is a cross-encoder or a multi-vector model");
    }
    if (activated && model.kind() == EncoderKind.MULTI_VECTOR) {
      throw model.unsuited("whose scores have no activation: leave --activated out");
    }
    OutputFile.requirePlace(output, data, model.calibration); // before hours of work
    PrintWriter err = spec.commandLine().getErr();
    try (WorkFolder work = WorkFolder.take(output, err::println)) {
      label(work.path(), err);
    }
    return 0;
  }

  private void label(Path work, PrintWriter err) throws IOException {
    TrainingRows rows = TrainingRows.read(data, Split.TRAIN, err::println);
    List<float[]> scores =
        new TeacherScores(model.folder, model.options(), activated, work, err)
            .of(
                rows.rows().stream()
                    .map(
                        row ->
                            new TeacherScores.Asked(
                                row.texts().get(0), row.texts().subList(1, row.texts().size())))
                    .toList());
    try (OutputFile file = new OutputFile(output)) {
      for (int i = 0; i < scores.size(); i++) {
        file.writer().write(GSON.toJson(row(rows, rows.rows().get(i), scores.get(i))) + "\n");
      }
      file.commit();
    }
    KeptNumbers.delete(work);
    err.printf(Locale.ROOT, "%s: %,d rows%n", output, scores.size());
  }

  private static JsonObject row(TrainingRows rows, TrainingRow row, float[] scores) {
    List<String> columns = rows.columns();
    JsonObject json = new JsonObject();
    for (int i = 0; i < (rows.lists() ? 1 : columns.size()); i++) {
      json.addProperty(columns.get(i), row.texts().get(i));
    }
    if (rows.lists()) {
      JsonArray documents = new JsonArray();
      row.texts().stream().skip(1).forEach(documents::add);
      json.add(columns.get(1), documents);
    }
    JsonArray all = new JsonArray();
    for (float score : scores) {
      all.add(score);
    }
    json.add("scores", all);
    return json;
  }
}
