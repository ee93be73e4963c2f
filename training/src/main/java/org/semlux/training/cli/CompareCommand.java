package org.semlux.training.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.adapt.SearchQuality;
import org.semlux.training.data.Gains;
import org.semlux.training.data.OutputFile;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.index.Index;
import org.semlux.training.index.Index.Found;
import org.semlux.training.run.Progress;
import org.semlux.training.tune.Rankings;
import org.semlux.training.tune.SearchTemplate;
import org.semlux.training.tune.Shadow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code semlux compare}: two deployed models asked the same. */
@Command(
    name = "compare",
    sortOptions = false,
    description = {
      "Asks two deployed models the same queries, each over the field that it made, and tells how"
          + " far their results differ and how long they take. Nothing that is searched changes.",
      "",
      "A dense model's field is searched for its nearest vectors, a sparse one's for all terms, as"
          + " they are weighted (idf 0, unpruned), a semlux_text field by its own query. What the"
          + " site searches with instead, and whatever asks a reranker, is said by --search.",
      "",
      "With --qrels both are judged too, and the report is one that deploy --require takes.",
      ""
    },
    footer = {
      "",
      "Example:",
      "  semlux compare --to http://localhost:9200 --index articles \\",
      "      --model minilm --field vector --other-model minilm-2 --other-field vector2 \\",
      "      --queries queries.jsonl --qrels qrels.tsv --output comparison.json",
      "",
      "Two rerankers, with {\"retriever\": {\"semlux_rerank\": {\"model_id\": \"{{model}}\","
          + " \"field\": \"body\", \"query\": \"{{query}}\", \"rank_window_size\": 50,"
          + " \"retriever\": ...}}} in reranked.json:",
      "  semlux compare --to http://localhost:9200 --index articles --model reranker \\",
      "      --other-model reranker-2 --search reranked.json --queries queries.jsonl"
    })
final class CompareCommand implements Callable<Integer> {
  private static final int COUNT = 100;
  private static final int EXAMPLES = 5;
  private static final long SEED = 42;

  @Spec CommandSpec spec;

  @Option(
      names = "--to",
      paramLabel = "URL",
      converter = ClusterAddress.Converter.class,
      required = true,
      description = "A node's address, such as http://localhost:9200.")
  URI url;

  @Mixin ClusterOptions access;

  @Option(
      names = "--index",
      paramLabel = "NAME",
      required = true,
      description = "The index that the first model's field is in.")
  String index;

  @Option(
      names = "--other-index",
      paramLabel = "NAME",
      description = "The other's (default: the same).")
  String otherIndex;

  @Option(names = "--model", paramLabel = "ID", required = true, description = "In use now.")
  String model;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "What it made. Needed, unless --search does without.")
  String field;

  @Option(
      names = "--other-model",
      paramLabel = "ID",
      required = true,
      description = "That may take its place.")
  String otherModel;

  @Option(names = "--other-field", paramLabel = "NAME", description = "What that made.")
  String otherField;

  @Option(
      names = "--search",
      paramLabel = "FILE",
      description =
          "What is searched with: the body of a search, with {{query}}, {{model}} and {{field}} for"
              + " what differs. Without a size it finds 100 documents, or a retriever's"
              + " rank_window_size.")
  Path search;

  @Option(
      names = "--other-search",
      paramLabel = "FILE",
      description = "What the other is searched with (default: the same).")
  Path otherSearch;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      required = true,
      description = "Queries by id: JSON lines with _id and text, or a tab between them.")
  Path queries;

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "Judgements of some of them, as BEIR and TREC have them.")
  Path qrels;

  @Option(names = "--output", paramLabel = "FILE", description = "Where the report goes too.")
  Path output;

  @Override
  public Integer call() throws IOException {
    KnownAnswers read = KnownAnswers.read(queries, qrels, null);
    if (read.judged().isEmpty() && read.unanswered().isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--queries holds none");
    }
    if (output != null) {
      OutputFile.requirePlace(output, queries, qrels, search, otherSearch); // before the searches
    }
    Optional<SearchTemplate> template = template(search);
    Optional<SearchTemplate> otherTemplate = otherSearch == null ? template : template(otherSearch);
    require(field != null || template.isPresent(), "--field");
    require(otherField != null || otherTemplate.isPresent(), "--other-field");
    PrintWriter err = spec.commandLine().getErr();
    Cluster cluster = new ClusterAddress(url, spec).open(access);
    String others = otherIndex == null ? index : otherIndex;
    KnownAnswers known = read.among(there(cluster, index, read), "[" + index + "]", err);
    Set<String> otherThere =
        others.equals(index) ? known.documents() : there(cluster, others, read);
    if (!others.equals(index)) {
      known.requireSome(otherThere, "[" + others + "]", err);
    }
    List<String> asked = new ArrayList<>(known.judged().keySet());
    asked.addAll(known.unanswered());
    ComparedModel first =
        ComparedModel.of(model, new Index(cluster, index), Optional.ofNullable(field), template);
    ComparedModel other =
        ComparedModel.of(
            otherModel, new Index(cluster, others), Optional.ofNullable(otherField), otherTemplate);
    Function<String, JsonObject> bodies = first.search(COUNT);
    Function<String, JsonObject> otherBodies = other.search(COUNT);
    List<Found> found;
    List<Found> otherFound;
    try (Progress progress =
        new Progress(err, "Searching", Progress.Unit.TEXTS, 2L * asked.size())) {
      found = new Rankings(first.index(), COUNT).oneByOne(asked, bodies, progress::step);
      otherFound = new Rankings(other.index(), COUNT).oneByOne(asked, otherBodies, progress::step);
    }
    JsonObject report = report(asked, Shadow.of(found, otherFound));
    report.add("version", first.version());
    report.add("other_version", other.version());
    if (!known.judged().isEmpty()) {
      AdaptationReport judged = judged(known.judged(), found, otherFound);
      judged.print(err);
      judged.toJson().asMap().forEach(report::add);
      report.add("judgements", judgements(read, known, otherThere));
    }
    spec.commandLine().getOut().println(report);
    spec.commandLine().getOut().flush();
    if (output != null) {
      JsonFile.write(output, report, 2);
    }
    return 0;
  }

  private static Optional<SearchTemplate> template(Path file) throws IOException {
    return file == null ? Optional.empty() : Optional.of(SearchTemplate.read(file));
  }

  private void require(boolean given, String option) {
    if (!given) {
      throw new ParameterException(
          spec.commandLine(), option + " is missing, or --search with what is searched with");
    }
  }

  private static Set<String> there(Cluster cluster, String index, KnownAnswers known)
      throws IOException {
    return new Index(cluster, index).existing(known.documents());
  }

  /**
   * What the first index lacks judges nothing. What the other lacks is missed by it: with fewer
   * documents to choose from it would look the better else.
   */
  private static JsonObject judgements(
      KnownAnswers read, KnownAnswers known, Set<String> otherThere) {
    JsonObject counts = new JsonObject();
    counts.addProperty("given", read.judgements(read.documents()));
    counts.addProperty("found", known.judgements(known.documents()));
    counts.addProperty("found_by_other", known.judgements(otherThere));
    return counts;
  }

  private JsonObject report(List<String> asked, Shadow shadow) {
    PrintWriter err = spec.commandLine().getErr();
    JsonObject json = new JsonObject();
    json.addProperty("model", model);
    json.addProperty("other_model", otherModel);
    json.addProperty("asked", asked.size());
    json.addProperty("overlap@10", shadow.meanOverlap());
    if (!Double.isNaN(shadow.meanCorrelation())) {
      json.addProperty("rank_correlation", shadow.meanCorrelation());
    }
    JsonArray latencies = new JsonArray();
    for (int search = 0; search < 2; search++) {
      JsonObject latency = new JsonObject();
      latency.addProperty("model", search == 0 ? model : otherModel);
      latency.addProperty("milliseconds_p50", shadow.milliseconds(search, 0.5));
      latency.addProperty("milliseconds_p99", shadow.milliseconds(search, 0.99));
      latencies.add(latency);
    }
    json.add("latency", latencies);
    JsonArray changed = new JsonArray();
    Arrays.stream(shadow.mostChanged(EXAMPLES)).forEach(i -> changed.add(asked.get(i)));
    json.add("changed_most", changed);
    err.printf(
        Locale.ROOT,
        "%,d queries: %.2f of the first ten are the same, rank correlation %.2f; p50/p99 %d/%d ms and %d/%d ms%n",
        asked.size(),
        shadow.meanOverlap(),
        shadow.meanCorrelation(),
        shadow.milliseconds(0, 0.5),
        shadow.milliseconds(0, 0.99),
        shadow.milliseconds(1, 0.5),
        shadow.milliseconds(1, 0.99));
    err.flush();
    return json;
  }

  /** The judged queries are asked first. */
  private static AdaptationReport judged(
      Map<String, Gains> judged, List<Found> found, List<Found> others) {
    List<Gains> answers = List.copyOf(judged.values());
    return new AdaptationReport(
        List.of(
            new AdaptationReport.Judged(
                "judged",
                List.copyOf(judged.keySet()),
                quality(answers, found),
                quality(answers, others),
                first(answers, found),
                first(answers, others))),
        List.of(),
        SEED);
  }

  private static List<List<AdaptationReport.Hit>> first(List<Gains> answers, List<Found> found) {
    return IntStream.range(0, answers.size())
        .mapToObj(
            query ->
                found.get(query).ids().stream()
                    .limit(AdaptationReport.Hit.SHOWN)
                    .map(
                        id ->
                            new AdaptationReport.Hit(
                                id, "", answers.get(query).documents().contains(id)))
                    .toList())
        .toList();
  }

  private static SearchQuality quality(List<Gains> answers, List<Found> found) {
    return SearchQuality.of(
        IntStream.range(0, answers.size())
            .mapToObj(query -> answers.get(query).of(found.get(query).ids()))
            .toList(),
        answers.stream().map(Gains::all).toList());
  }
}
