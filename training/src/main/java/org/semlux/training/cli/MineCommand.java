package org.semlux.training.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.adapt.BaseSimilarity;
import org.semlux.training.data.CorpusTexts;
import org.semlux.training.data.OutputFile;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.folder.WorkFolder;
import org.semlux.training.mine.CandidateScoring;
import org.semlux.training.mine.Candidates;
import org.semlux.training.mine.HardNegatives;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningArguments;
import org.semlux.training.mine.MiningData;
import org.semlux.training.mine.MiningSearch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code semlux mine}: queries with answers in, the same with texts that only look like answers.
 */
@Command(
    name = "mine",
    sortOptions = false,
    description = {
      "Finds hard negatives: texts that a bi-encoder ranks high for a query and that do not answer"
          + " it. Training with them lifts search more than with other queries' answers alone.",
      "",
      "What the model ranks high may well answer the query: a margin, or a cross-encoder that scores"
          + " the candidates again, keeps such texts out. The choice is that of"
          + " sentence-transformers' mine_hard_negatives: as there, texts are compared by cosine, also"
          + " where the model compares by dot product.",
      ""
    },
    footer = {
      "",
      "A run that was stopped goes on where it was when it is started again: until the output is"
          + " there, what is done lies in the folder OUTPUT.work.",
      "",
      "Examples:",
      "  semlux mine --model models/minilm --data pairs.jsonl --corpus passages.jsonl \\",
      "      --relative-margin 0.05 --output triplets.jsonl",
      "  semlux mine --model models/minilm --data pairs.jsonl --cross-encoder models/reranker \\",
      "      --absolute-margin 0.1 --num-negatives 5 --output-format n-tuple --output mined.jsonl"
    })
final class MineCommand implements Callable<Integer> {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Mixin ThreadOptions threads;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description =
          "Queries and their answers: the first two columns, as train reads them; where there are"
              + " labels, what they grade above 0 (--min-label).")
  Path data;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description =
          "Texts to search: JSON lines with text and perhaps title; .csv with a header; a tab between"
              + " id and text (.tsv); or a text a line. Default: the answers of the data.")
  Path corpus;

  @Option(
      names = "--cross-encoder",
      paramLabel = "DIR",
      description = "Scores candidates and answers again, for margins, --max- and --min-score.")
  Path crossEncoder;

  @Mixin MiningArguments arguments;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "JSON lines, as train reads them.")
  Path output;

  @Override
  public Integer call() throws IOException {
    arguments.check();
    if (model.kind() != EncoderKind.DENSE) {
      throw model.unsuited("where mining searches with a bi-encoder");
    }
    if (crossEncoder != null && !arguments.byScore()) {
      throw new IllegalArgumentException(
          "--cross-encoder changes nothing without a margin, --max-score or --min-score");
    }
    var unused = BaseSimilarity.of(model.folder); // distances would have other margins
    OutputFile.requirePlace(output, data, corpus, model.calibration); // before hours of work
    PrintWriter err = spec.commandLine().getErr();
    try (WorkFolder work = WorkFolder.take(output, err::println)) {
      mine(work.path(), err);
    }
    return 0;
  }

  private void mine(Path work, PrintWriter err) throws IOException {
    TrainingRows rows = TrainingRows.read(data, Split.TRAIN, err::println);
    MiningData mining =
        MiningData.of(
            rows,
            arguments.minLabel == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(arguments.minLabel),
            corpus == null ? List.of() : CorpusTexts.read(corpus),
            notice -> err.println(data + ": " + notice));
    List<Candidates> candidates = candidates(mining, work);
    HardNegatives negatives = new HardNegatives(arguments, mining, crossEncoder != null);
    long written = 0;
    int fewer = 0;
    int without = 0;
    try (OutputFile file = new OutputFile(output)) {
      for (int query = 0; query < candidates.size(); query++) {
        HardNegatives.Mined mined = negatives.of(query, candidates.get(query));
        fewer += mined.documents().length < arguments.numNegatives ? 1 : 0;
        List<JsonObject> own = rows(rows.columns(), mining, query, candidates.get(query), mined);
        without += own.isEmpty() ? 1 : 0;
        for (JsonObject row : own) {
          file.writer().write(GSON.toJson(row) + "\n");
          written++;
        }
      }
      if (fewer > 0) {
        tellFewer(fewer, without, mining.queries().size(), negatives.leftOut());
      }
      if (written == 0) {
        throw new IOException(
            "no query has "
                + arguments.numNegatives
                + " negatives left: take a larger corpus, a larger --range-max or smaller margins");
      }
      file.commit();
    }
    KeptNumbers.delete(work);
    err.printf(
        Locale.ROOT,
        "%s: %,d rows of %,d queries, mined from %,d texts%n",
        output,
        written,
        mining.queries().size(),
        mining.corpus().size());
  }

  private void tellFewer(int fewer, int without, int queries, Map<String, Long> leftOut) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "%,d of %,d queries have fewer than %,d negatives, %,d of them get no row",
        fewer,
        queries,
        arguments.numNegatives,
        without);
    leftOut.forEach(
        (option, count) ->
            err.printf(Locale.ROOT, "; %s leaves out %,d candidates", option, count));
    err.println();
  }

  private List<Candidates> candidates(MiningData mining, Path work) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    int count = mining.searched(arguments, crossEncoder != null);
    List<Candidates> found;
    EncoderOptions options = model.options();
    try (DenseEncoder encoder = DenseEncoder.load(model.folder, options)) {
      KeptNumbers kept = KeptNumbers.of(work, model.folder, encoder.info(), options.calibration());
      found = new MiningSearch(encoder, kept, true, err).search(mining, count);
    }
    if (crossEncoder == null) {
      return found;
    }
    return new CandidateScoring(crossEncoder, options, work, err).score(mining, found);
  }

  private List<JsonObject> rows(
      List<String> columns,
      MiningData mining,
      int query,
      Candidates candidates,
      HardNegatives.Mined mined) {
    List<JsonObject> rows = new ArrayList<>();
    for (int i = 0; i < mining.positives().get(query).size(); i++) {
      String positive = mining.corpus().get(mining.positives().get(query).get(i));
      MinedRow row =
          new MinedRow(
              columns,
              mining.queries().get(query),
              positive,
              candidates.positives()[i],
              mining.corpus(),
              mined,
              arguments.outputScores);
      rows.addAll(row.rows(arguments.outputFormat, arguments.numNegatives));
    }
    return rows;
  }
}
