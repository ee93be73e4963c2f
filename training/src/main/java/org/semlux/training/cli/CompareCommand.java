package org.semlux.training.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.data.OutputFile;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.index.Index;
import org.semlux.training.index.Index.Found;
import org.semlux.training.run.Progress;
import org.semlux.training.tune.Rankings;
import org.semlux.training.tune.SearchTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux compare}: two deployed models asked the same. */
@Command(
    name = "compare",
    sortOptions = false,
    description = {
      "Asks two deployed models the same queries, each over the field that it made, and tells how"
          + " far their results differ and how long they take. Nothing that is searched changes.",
      "",
      "Each search is asked twice, the models in turns, and the second time counts: as the cluster"
          + " says it, for a query whose encoding its node remembers. What an encoding takes is told"
          + " by semlux benchmark.",
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
  private static final String OR_SEARCH = " is missing, or --search with what is searched with";

  @Spec CommandSpec spec;

  @Mixin TargetCluster target;

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
    PrintWriter err = spec.commandLine().getErr();
    KnownAnswers read = KnownAnswers.read(queries, qrels, null, err);
    GivenOptions given = new GivenOptions(spec);
    given.require(
        !(read.judged().isEmpty() && read.unanswered().isEmpty()), "--queries holds none");
    if (output != null) {
      OutputFile.requirePlace(output, queries, qrels, search, otherSearch); // before the searches
    }
    Optional<SearchTemplate> template = template(search);
    Optional<SearchTemplate> otherTemplate = otherSearch == null ? template : template(otherSearch);
    given.require(field != null || template.isPresent(), "--field" + OR_SEARCH);
    given.require(otherField != null || otherTemplate.isPresent(), "--other-field" + OR_SEARCH);
    Cluster cluster = target.open();
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
    List<Found> found = new ArrayList<>();
    List<Found> otherFound = new ArrayList<>();
    try (Progress progress =
        new Progress(err, "Searching", Progress.Unit.TEXTS, 2L * asked.size())) {
      for (String query : asked) {
        // Who is asked second finds the node warmer: that is each in turns.
        boolean firstBegins = found.size() % 2 == 0;
        if (firstBegins) {
          found.add(warm(first, query, bodies, progress));
        }
        otherFound.add(warm(other, query, otherBodies, progress));
        if (!firstBegins) {
          found.add(warm(first, query, bodies, progress));
        }
      }
    }
    requireSome(first, model, found);
    requireSome(other, otherModel, otherFound);
    ComparisonReport compared =
        new ComparisonReport(List.of(model, otherModel), asked, found, otherFound);
    JsonObject report = compared.differences(err);
    report.add("version", first.version());
    report.add("other_version", other.version());
    if (!known.judged().isEmpty()) {
      AdaptationReport judged = compared.judged(known.judged());
      judged.print(err);
      judged.toJson().asMap().forEach(report::add);
      report.add("judgements", ComparisonReport.judgements(known, otherThere));
    }
    spec.commandLine().getOut().println(report);
    spec.commandLine().getOut().flush();
    if (output != null) {
      JsonFile.write(output, report, 2);
    }
    return 0;
  }

  /**
   * Searches twice, of which the second counts: what a node remembers of a query, its encoding
   * above all, it may know of one model from before.
   */
  private static Found warm(
      ComparedModel model, String query, Function<String, JsonObject> bodies, Progress progress)
      throws IOException {
    Rankings rankings = new Rankings(model.index(), COUNT);
    var unused = rankings.of(List.of(query), bodies, done -> {});
    return rankings.of(List.of(query), bodies, progress::step).get(0);
  }

  private static void requireSome(ComparedModel model, String name, List<Found> found)
      throws IOException {
    new Rankings(model.index(), COUNT).requireSome(found, "the model [" + name + "]");
  }

  private static Optional<SearchTemplate> template(Path file) throws IOException {
    return file == null ? Optional.empty() : Optional.of(SearchTemplate.read(file));
  }

  private static Set<String> there(Cluster cluster, String index, KnownAnswers known)
      throws IOException {
    return new Index(cluster, index).existing(known.documents());
  }
}
