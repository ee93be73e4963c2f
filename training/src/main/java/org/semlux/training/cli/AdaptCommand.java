package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.adapt.Adaptation;
import org.semlux.training.adapt.AdaptationModels;
import org.semlux.training.adapt.AdaptationPlan;
import org.semlux.training.adapt.Documents;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.card.Task;
import org.semlux.training.data.DataFile;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux adapt}: a model and a corpus in, a model fitted to that corpus out. */
@Command(
    name = "adapt",
    sortOptions = false,
    description = {
      "Fits a model to an index that nobody has labelled, and tells whether it searches it"
          + " better.",
      "",
      "Titles ask for their texts, headings for what stands below them, where there are none"
          + " sentences for the passage around them. A bi-encoder whose vectors are means of tokens"
          + " learns what its own tokens say, compared one by one, of documents that it and BM25"
          + " find (the index's own, where all of its documents are learnt from and the field is"
          + " searched for words); others learn to tell each answer from the others of its batch"
          + " and from hard negatives, or what a teacher says of such documents."
          + " Some documents are held out: base and adapted model search for"
          + " them, and the differences are given with 95 percent intervals (paired bootstrap)."
          + " Nothing is called better that the interval does not support.",
      ""
    },
    footer = {
      "",
      "The output folder is a model, with adaptation.json. A run that was stopped"
          + " goes on where it was when it is started again; what it has done lies in OUTPUT.work.",
      "",
      "A sparse encoder is judged with the heaviest 80 terms of each document, and held against BM25"
          + " too. A reranker, which a multi-vector encoder is, orders the first 50 that BM25 and"
          + " --retriever find together, and is held against the base, if that is one of its kind,"
          + " and against their order.",
      "",
      "Examples:",
      "  semlux adapt --from http://localhost:9200 --index articles --field body \\",
      "      --title-field title --base models/minilm --output models/adapted",
      "  semlux adapt --corpus passages.jsonl --clicks clicks.tsv --queries queries.jsonl \\",
      "      --qrels qrels.tsv --base models/minilm --output models/adapted",
      "  semlux adapt --corpus passages.jsonl --task cross-encoder --base models/minilm \\",
      "      --retriever models/adapted --teacher models/large-reranker --output models/reranker",
      "  semlux adapt --corpus passages.jsonl --task multi-vector-encoder --base models/minilm \\",
      "      --output models/reranker"
    })
final class AdaptCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  AdaptSource source;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "The field of texts.")
  String field;

  @Option(
      names = "--title-field",
      paramLabel = "NAME",
      defaultValue = Documents.TITLE,
      description = "The field of titles; documents may lack it.")
  String titleField;

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description =
          "What people ask: JSON lines with _id (else id) and text, a header with these names in .csv,"
              + " or a tab between id and text. Those that --qrels judges are judged by; the others are"
              + " learnt from, where words and meaning agree on an answer.")
  Path queries;

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      description = "Judgements of queries, as BEIR and TREC have them; never learnt from.")
  Path qrels;

  @Option(
      names = "--clicks",
      paramLabel = "FILE",
      description =
          "Queries with the ids of documents that were opened: JSON lines with query and id (else _id),"
              + " a header with these names, or a tab between query and id. A part of the queries is"
              + " judged by, where that makes 20 of them.")
  Path clicks;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      required = true,
      description =
          "The model to start from; a reranker may start from any transformer, a multi-vector"
              + " encoder from a bi-encoder: its vectors are the tokens' states then.")
  Path base;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "bi-encoder",
      description = "What is fitted: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Task task;

  @Option(
      names = "--retriever",
      paramLabel = "DIR",
      description =
          "The bi-encoder that finds negatives, answers of queries and texts to rerank (default: the"
              + " base, if that is one).")
  Path retriever;

  @Option(
      names = "--teacher",
      paramLabel = "DIR",
      description =
          "A cross-encoder whose scores the model learns, in place of which text answers. Of use"
              + " where it ranks this corpus better than the base does (default for a bi-encoder whose"
              + " vectors are means of tokens: these tokens, compared one by one).")
  Path teacher;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The folder of the run and of its model.")
  Path output;

  @Mixin AdaptShares shares;

  @Option(
      names = "--num-negatives",
      paramLabel = "N",
      description =
          "Documents beside the answer of each pair, found by words and by the retriever (default:"
              + " 5 where a teacher scores them and of a cross-encoder; of others a sparse encoder 1,"
              + " none else). With 0 a bi-encoder learns from its pairs alone.")
  Integer negatives;

  @Option(
      names = "--relative-margin",
      paramLabel = "R",
      description = "How far below its positive a negative scores at least (default: 0.05).")
  Double relativeMargin;

  @Mixin AdaptTraining training;

  @Mixin ThreadOptions threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of everything random.")
  long seed;

  @Override
  public Integer call() throws IOException {
    AdaptationModels models =
        AdaptationModels.of(
            task,
            base,
            Optional.ofNullable(retriever),
            Optional.ofNullable(teacher),
            negatives == null ? OptionalInt.empty() : OptionalInt.of(negatives));
    AdaptationPlan.Training trained = training.values(models);
    check(models, trained);
    for (Path file : new Path[] {source.corpus, queries, qrels, clicks}) {
      if (file != null) {
        DataFile.requireLasting(file); // a run knows them again by their hashes
      }
    }
    KnownAnswers known = KnownAnswers.read(queries, qrels, clicks, spec.commandLine().getErr());
    checkRetriever(models, known);
    models.check(trained.lora(), trained.inferenceFree());
    Documents documents = new Documents(field, titleField);
    AdaptationPlan plan =
        new AdaptationPlan(
            models,
            source.corpus(documents, shares.mostDocuments(), spec),
            Stream.of(queries, qrels, clicks).map(Optional::ofNullable).toList(),
            known,
            shares.values(),
            models.learnsDistributions()
                ? OptionalDouble.empty()
                : OptionalDouble.of(relativeMargin == null ? 0.05 : relativeMargin),
            trained,
            output,
            seed);
    boolean done = new Adaptation(plan, spec.commandLine().getErr()).run();
    return done ? 0 : Semlux.INTERRUPTED;
  }

  private void check(AdaptationModels models, AdaptationPlan.Training trained) throws IOException {
    GivenOptions given = new GivenOptions(spec);
    shares.check(given);
    boolean batchTells = task != Task.CROSS_ENCODER && teacher == null;
    given.require(
        models.negatives() >= (batchTells ? 0 : 1),
        "--num-negatives " + models.negatives() + " makes no sense");
    given.require(
        trained.scale().isEmpty() || (task == Task.BI_ENCODER && !models.isTaught()),
        "--scale is of a bi-encoder that nothing teaches: give --num-negatives 0 and no --teacher");
    double share = trained.baseShare();
    given.require(share >= 0 && share < 1, "--base-share " + share + " is not from 0 to below 1");
    given.require(
        relativeMargin == null || relativeMargin >= 0,
        "--relative-margin " + relativeMargin + " makes no sense");
    given.require(
        relativeMargin == null || (models.negatives() > 0 && !models.learnsDistributions()),
        "--relative-margin is of negatives, and "
            + (models.learnsDistributions()
                ? "a teacher says of each document what it is worth: leave it out"
                : "none are mined: leave it out, or give --num-negatives"));
    given.require(
        !trained.inferenceFree() || task == Task.SPARSE_ENCODER,
        "--inference-free is for sparse encoders: give --task sparse-encoder");
    given.require(
        !given.has("--base-share") || !models.hasNewHead(),
        "--base-share is a mean with the base, which has no head of a reranker: leave it out");
    given.require(
        !(given.has("--field") || given.has("--title-field"))
            || source.hasFields(field, titleField),
        "--field and --title-field are of an index, of JSON lines (.jsonl), of a .csv or of a first"
            + " line that names ["
            + field
            + "] between tabs, and this --corpus is none of these: leave them out");
    trained.check(task);
  }

  private void checkRetriever(AdaptationModels models, KnownAnswers known) throws IOException {
    GivenOptions given = new GivenOptions(spec);
    if (models.reranks() || models.searches(known)) {
      given.require(
          !models.retriever().equals(base) || ModelFolder.open(base).kind() == EncoderKind.DENSE,
          "--task " + task + " needs --retriever, a bi-encoder that finds what it tells apart");
    } else {
      given.require(
          retriever == null,
          "--retriever finds nothing here, where no negatives are mined and no queries without an"
              + " answer are given: leave it out, or give --num-negatives");
    }
  }
}
