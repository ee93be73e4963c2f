package org.semlux.training.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.adapt.PairedBootstrap;
import org.semlux.training.data.Gains;
import org.semlux.training.index.Index;
import org.semlux.training.index.Index.Found;
import org.semlux.training.run.Progress;
import org.semlux.training.tune.Component;
import org.semlux.training.tune.Fusion;
import org.semlux.training.tune.Rankings;
import org.semlux.training.tune.Tuning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux tune}: an index and queries with known answers in, a retriever out. */
@Command(
    name = "tune",
    sortOptions = false,
    description = {
      "Finds out how an index is searched best, by searching it: BM25, vectors, terms and a"
          + " semlux_text field alone, and up to three of them fused with every method, rank"
          + " constant, normalizer, weight and window; terms by powers of idf, whole and pruned by"
          + " several thresholds.",
      "",
      "Some queries choose and others judge, in turns. The retriever is printed, with {{query}} for"
          + " the query; it is the best single ranking where the 95 percent interval does not"
          + " support that a fusion is better.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  semlux tune --from http://localhost:9200 --index articles --field body \\",
      "      --dense-field vector --dense-model minilm --queries queries.jsonl --qrels qrels.tsv"
    })
final class TuneCommand implements Callable<Integer> {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

  @Spec CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "URL",
      converter = ClusterAddress.class,
      required = true,
      description = "A node's address, such as http://localhost:9200.")
  URI url;

  @Option(
      names = "--index",
      paramLabel = "NAME",
      required = true,
      description = "The index, of which the privilege read is needed.")
  String index;

  @Mixin ClusterOptions access;

  @Option(names = "--field", paramLabel = "NAME", description = "The field that BM25 searches.")
  String field;

  @Option(names = "--dense-field", paramLabel = "NAME", description = "The field of vectors.")
  String denseField;

  @Option(names = "--dense-model", paramLabel = "ID", description = "The model that made them.")
  String denseModel;

  @Option(names = "--sparse-field", paramLabel = "NAME", description = "The field of terms.")
  String sparseField;

  @Option(names = "--sparse-model", paramLabel = "ID", description = "The model that made them.")
  String sparseModel;

  @Option(
      names = "--semlux-text-field",
      paramLabel = "NAME",
      description = "A field of type semlux_text, which knows its model.")
  String semluxTextField;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = "Queries by id: JSON lines with _id and text, or a tab between them.")
  Path queries;

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "Judgements of them, as BEIR and TREC have them.")
  Path qrels;

  @Option(
      names = "--clicks",
      paramLabel = "FILE",
      description =
          "Queries with the ids of documents that were opened: JSON lines with query and id (else _id),"
              + " a header with these names, or a tab between them.")
  Path clicks;

  @Option(
      names = "--windows",
      split = ",",
      paramLabel = "N",
      defaultValue = "20,50,100",
      description = "How many of each ranking may be fused.")
  List<Integer> windows;

  @Option(
      names = "--folds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Parts of the queries, each judged by what the others chose.")
  int folds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of folds and bootstrap.")
  long seed;

  @Override
  public Integer call() throws IOException {
    List<Component> components = components();
    new GivenOptions(spec)
        .require(
            queries == null || qrels != null,
            "--queries are searched for where --qrels judges them: give that too, or leave --queries out");
    KnownAnswers known = KnownAnswers.read(queries, qrels, clicks, spec.commandLine().getErr());
    int count = windows.stream().mapToInt(Integer::intValue).max().orElseThrow();
    var unused = answers(known); // before anybody is asked
    Index searched = new Index(access.open(url, spec), index);
    PrintWriter err = spec.commandLine().getErr();
    Map<String, Gains> answers =
        answers(known.among(searched.existing(known.documents()), "[" + index + "]", err));
    Rankings rankings = new Rankings(searched, count);
    if (field != null) {
      rankings.requireField(field);
    }
    List<String> asked = List.copyOf(answers.keySet());
    List<Gains> relevant = List.copyOf(answers.values());
    Map<Component, List<Found>> found = new LinkedHashMap<>();
    try (Progress progress =
        new Progress(
            err, "Searching", Progress.Unit.TEXTS, (long) asked.size() * components.size())) {
      for (Component one : components) {
        found.put(one, rankings.of(asked, one::search, progress::step));
        if (one.isOfModel()) {
          rankings.requireSome(found.get(one), one.toString());
        }
      }
    }
    Tuning tuning = Tuning.of(found, relevant, windows, folds, seed, err);
    report(tuning, Tuning.alone(found, relevant), asked.size(), err);
    Fusion recommended = tuning.recommended();
    spec.commandLine().getOut().println(GSON.toJson(recommended.search(Component.PLACEHOLDER)));
    spec.commandLine().getOut().flush();
    List<Found> again = rankings.of(asked, recommended::search, done -> {});
    err.printf(
        Locale.ROOT, "Searched once more with it: ndcg@10 %.4f%n", mean(ndcg(again, relevant)));
    err.flush();
    return 0;
  }

  private List<Component> components() {
    GivenOptions given = new GivenOptions(spec);
    given.require(
        (denseField == null) == (denseModel == null),
        "--dense-field and --dense-model belong together");
    given.require(
        (sparseField == null) == (sparseModel == null),
        "--sparse-field and --sparse-model belong together");
    given.require(
        windows.stream().allMatch(window -> window >= 10 && window <= 1000),
        "--windows are from 10 to 1000");
    given.require(folds > 1, "--folds " + folds + " leaves no queries to judge by");
    int count = windows.stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<Component> all = new ArrayList<>();
    if (denseField != null) {
      all.add(Component.dense(denseField, denseModel, count));
    }
    if (field != null) {
      all.add(Component.words(field));
    }
    if (sparseField != null) {
      all.addAll(Component.sparse(sparseField, sparseModel));
    }
    if (semluxTextField != null) {
      all.add(Component.semluxText(semluxTextField, count));
    }
    given.require(
        all.size() > 1,
        "nothing to choose among: give two of --field, --dense-field, --sparse-field and"
            + " --semlux-text-field");
    return all;
  }

  private static Map<String, Gains> answers(KnownAnswers known) {
    Map<String, Gains> answers = new LinkedHashMap<>(known.clicked());
    answers.putAll(known.judged());
    answers.values().removeIf(Gains::isEmpty);
    if (answers.size() < PairedBootstrap.FEWEST) {
      throw new IllegalArgumentException(
          "%s queries have known answers, where %s are the least: give --queries with --qrels, or --clicks"
              .formatted(answers.size(), PairedBootstrap.FEWEST));
    }
    return answers;
  }

  private static void report(
      Tuning tuning, Map<Component, double[]> alone, int queries, PrintWriter err) {
    err.printf(Locale.ROOT, "ndcg@10 of %,d queries%n", queries);
    alone.entrySet().stream()
        .sorted((x, y) -> Double.compare(mean(y.getValue()), mean(x.getValue())))
        .forEach(
            one -> err.printf(Locale.ROOT, "  %.4f  %s%n", mean(one.getValue()), one.getKey()));
    PairedBootstrap gain = tuning.gain();
    err.printf(
        Locale.ROOT,
        "  %.4f  chosen by the other queries, which is %+.4f to the best alone (95 percent interval %+.4f to %+.4f)%n",
        mean(tuning.quality()),
        gain.mean(),
        gain.low(),
        gain.high());
    err.printf(
        gain.isBetter()
            ? "Fusion is better: %s%n"
            : "Nobody can tell whether a fusion is better than %s alone%n",
        gain.isBetter() ? tuning.best() : tuning.alone());
  }

  private static double[] ndcg(List<Found> found, List<Gains> relevant) {
    double[] quality = new double[found.size()];
    for (int i = 0; i < quality.length; i++) {
      quality[i] = Tuning.ndcg(found.get(i).ids(), relevant.get(i));
    }
    return quality;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
