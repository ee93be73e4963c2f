package org.semlux.training.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.data.RerankingSample;
import org.semlux.training.data.RetrievalData;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.Split;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.evaluate.RerankingEvaluation;
import org.semlux.training.evaluate.RerankingEvaluator;
import org.semlux.training.evaluate.SearchEvaluation;
import org.semlux.training.evaluate.Similarity;
import org.semlux.training.run.ModelRun;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux evaluate}: how good a model is. */
@Command(
    name = "evaluate",
    description = {
      "Tells how good a model is, by pairs with gold scores, by a search, or by reranking.",
      "",
      "Prints one JSON object of metrics under the names that sentence-transformers uses. For pairs:"
          + " Pearson's and Spearman's correlation between the gold scores and the similarity of"
          + " the embeddings, or the scores of a cross-encoder or a multi-vector model. For a search: accuracy, precision and"
          + " recall of the first 1, 3, 5 and 10, MRR and NDCG of 10, MAP of 100. For reranking: MAP,"
          + " MRR and NDCG of 10. For sparse models also the mean number of terms.",
      ""
    },
    footer = {
      "",
      "Pairs: CSV, TSV (.tsv), JSON lines (.jsonl) or Parquet (.parquet) with the columns sentence1, sentence2 and score,"
          + " or two texts and a label; CSV and TSV without header hold them in this order. The STS benchmark's own"
          + " sts-test.csv is read too.",
      "A search: queries and corpus as JSON lines with _id, text and perhaps title (BEIR), or with a"
          + " tab between id and text; judgements as query-id, corpus-id and score with tabs (BEIR),"
          + " or as TREC's qrels: every score above 0 counts alike.",
      "Reranking: JSON lines with query, positive and either negative or documents, lists of texts;"
          + " documents are in the order of a first search.",
      "All files are UTF-8, compressed by gzip (.gz) or not.",
      "",
      "Examples:",
      "  semlux evaluate --model models/minilm --data stsb/test.csv --name sts-test",
      "  semlux evaluate --model models/minilm --data pairs.jsonl \\",
      "      --score-column label --output results",
      "  semlux evaluate --model models/minilm --queries queries.jsonl \\",
      "      --corpus corpus.jsonl --qrels qrels/test.tsv",
      "  semlux evaluate --model models/reranker --reranking samples.jsonl"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @ArgGroup(multiplicity = "1")
  Source source;

  /** One of three kinds of data. */
  static final class Source {
    @Option(
        names = "--data",
        paramLabel = "FILE",
        required = true,
        description = "Pairs and their scores.")
    Path pairs;

    @ArgGroup(exclusive = false)
    Search search;

    @Option(
        names = "--reranking",
        paramLabel = "FILE",
        required = true,
        description = "Queries, each with texts to bring into an order.")
    Path reranking;
  }

  /** A search and what it should find. */
  static final class Search {
    @Option(
        names = "--queries",
        paramLabel = "FILE",
        required = true,
        description = "What is searched for.")
    Path queries;

    @Option(
        names = "--corpus",
        paramLabel = "FILE",
        required = true,
        description = "What is searched.")
    Path corpus;

    @Option(
        names = "--qrels",
        paramLabel = "FILE",
        required = true,
        description = "Which documents answer which query.")
    Path judgements;
  }

  @Option(
      names = "--name",
      paramLabel = "N",
      defaultValue = "",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "What the data set is called: prefix of the metrics, part of the file's name.")
  String name;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Appends a row to a CSV file in DIR/eval, named as sentence-transformers names it, such as"
              + " similarity_evaluation[_N]_results.csv. Default: no file.")
  Path output;

  @Option(
      names = "--similarity-fn-names",
      paramLabel = "FN",
      split = ",",
      description =
          "Similarities to compare by, of cosine, euclidean, manhattan and dot. Default: for pairs and"
              + " a dense model all; for reranking cosine; else what the model's folder says.")
  List<Similarity> similarities;

  @Option(
      names = "--split",
      paramLabel = "S",
      description =
          "The rows of --data to judge by, where a column named split tells them apart: train, dev or"
              + " test.")
  Optional<Split> split;

  @Mixin PairDataOptions pairData;

  @Override
  public Integer call() throws IOException {
    checkPairOptions();
    ModelFolder folder = ModelFolder.open(model.folder);
    if (PairScorer.isIn(folder.kind()) && similarities != null) {
      throw model.unsuited("which scores pairs in its own way: leave --similarity-fn-names out");
    }
    Map<String, Double> metrics =
        source.pairs != null
            ? pairs(folder)
            : source.reranking != null ? reranking(folder) : search(folder);
    spec.commandLine().getOut().println(json(metrics));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void checkPairOptions() {
    List<String> useless = new ArrayList<>(pairData.given());
    split.ifPresent(any -> useless.add("--split"));
    new GivenOptions(spec)
        .require(
            source.pairs != null || useless.isEmpty(),
            String.join(", ", useless) + " is for --data: leave it out");
  }

  private Map<String, Double> pairs(ModelFolder folder) throws IOException {
    ScoredPairs.Found found = pairData.reader().read(source.pairs, split);
    if (split.isPresent() && !found.splits()) {
      throw new IOException("[" + source.pairs + "] has no column named split: leave --split out");
    }
    List<ScoredPair> pairs = found.pairs();
    PairEvaluation evaluation = new PairEvaluation(run(), name, Optional.ofNullable(output));
    return switch (folder.kind()) {
      case DENSE -> evaluation.dense(pairs, similarities(List.of(Similarity.values()))).metrics();
      case SPARSE -> evaluation.sparse(pairs, similarities(own(folder, Similarity.DOT))).metrics();
      case CROSS, MULTI_VECTOR -> evaluation.scored(pairs).metrics();
    };
  }

  private Map<String, Double> search(ModelFolder folder) throws IOException {
    SearchEvaluation evaluation = new SearchEvaluation(run(), name, Optional.ofNullable(output));
    if (folder.kind() == EncoderKind.CROSS) {
      throw model.unsuited("which cannot search a corpus: give --reranking");
    }
    Search search = source.search;
    RetrievalData data =
        RetrievalData.read(
            search.queries, search.corpus, search.judgements, spec.commandLine().getErr()::println);
    int answered = data.relevant().size();
    if (data.queries().size() < answered) {
      spec.commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "--qrels: %,d of %,d queries with an answer are not in [%s] and are left out%n",
              answered - data.queries().size(),
              answered,
              search.queries);
    }
    return switch (folder.kind()) {
      case DENSE -> evaluation.dense(data, similarities(own(folder, Similarity.COSINE)));
      case SPARSE -> evaluation.sparse(data, similarities(own(folder, Similarity.DOT)));
      case MULTI_VECTOR -> evaluation.multiVector(data);
      case CROSS -> throw new IllegalStateException("was refused above");
    };
  }

  private Map<String, Double> reranking(ModelFolder folder) throws IOException {
    RerankingEvaluation evaluation =
        new RerankingEvaluation(run(), name, Optional.ofNullable(output));
    List<RerankingSample> samples = RerankingSample.read(source.reranking);
    if (folder.kind() == EncoderKind.CROSS) {
      long failures = samples.stream().filter(sample -> sample.positive().isEmpty()).count();
      tell(failures, samples.size(), "no positive text and count as 0");
      return evaluation.cross(samples);
    }
    List<Similarity> by = similarities(List.of(Similarity.COSINE));
    if (by.size() > 1) {
      throw new IllegalArgumentException("reranking goes by one similarity, not by " + by);
    }
    List<RerankingSample> judgeable = RerankingEvaluator.judgeable(samples);
    if (judgeable.isEmpty()) {
      throw new IOException(
          "[" + source.reranking + "] holds no sample with positive and negative texts");
    }
    tell(
        samples.size() - judgeable.size(),
        samples.size(),
        "no positive text, or no other one, and are left out");
    return switch (folder.kind()) {
      case DENSE -> evaluation.dense(judgeable, by.get(0));
      case SPARSE -> evaluation.sparse(judgeable, by.get(0));
      case MULTI_VECTOR -> evaluation.multiVector(judgeable);
      case CROSS -> throw new IllegalStateException("was judged above");
    };
  }

  /** As the reference does with such samples, which says nothing of them. */
  private void tell(long count, int samples, String what) {
    if (count > 0) {
      spec.commandLine()
          .getErr()
          .printf(Locale.ROOT, "--reranking: %,d of %,d samples have %s%n", count, samples, what);
    }
  }

  private ModelRun run() throws IOException {
    return new ModelRun(model.folder, model.options(), spec.commandLine().getErr());
  }

  private List<Similarity> similarities(List<Similarity> otherwise) {
    return similarities == null ? otherwise : similarities;
  }

  private static List<Similarity> own(ModelFolder folder, Similarity otherwise) throws IOException {
    return List.of(PairEvaluation.own(folder, otherwise));
  }

  /** JSON has no NaN: a correlation that does not exist is null. */
  private static JsonObject json(Map<String, Double> metrics) {
    JsonObject object = new JsonObject();
    metrics.forEach(
        (key, value) ->
            object.add(key, value.isNaN() ? JsonNull.INSTANCE : new JsonPrimitive(value)));
    return object;
  }
}
