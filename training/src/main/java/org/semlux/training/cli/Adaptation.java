package org.semlux.training.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.text.Prompts;
import org.semlux.training.adapt.AdaptationData;
import org.semlux.training.adapt.AdaptationReport;
import org.semlux.training.adapt.AdaptationRows;
import org.semlux.training.adapt.BaseSimilarity;
import org.semlux.training.adapt.Bm25;
import org.semlux.training.adapt.Document;
import org.semlux.training.adapt.DocumentSample;
import org.semlux.training.adapt.Documents;
import org.semlux.training.adapt.IndexWordSearch;
import org.semlux.training.adapt.KnownAnswers;
import org.semlux.training.adapt.OwnTeacher;
import org.semlux.training.adapt.SideBySide;
import org.semlux.training.adapt.TermRarity;
import org.semlux.training.adapt.WordSearch;
import org.semlux.training.base.InferenceFreeFolder;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.Task;
import org.semlux.training.card.TrainingReport;
import org.semlux.training.data.OutputFile;
import org.semlux.training.folder.StagedFolder;
import org.semlux.training.index.Index;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.mine.TeacherScores;
import org.semlux.training.train.Checkpoints;
import org.semlux.training.train.WeightMean;

/**
 * The steps of {@code semlux adapt}. Each leaves a file when it is done, so that a run that was
 * stopped goes on behind it.
 */
final class Adaptation {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /** Written first, when there is enough in the documents to go on with. */
  private static final String SETTINGS = "settings";

  private static final String TRAINING_SETTINGS = "training_settings";

  private static final String DOCUMENTS = "documents.jsonl";

  /** Types of fields that hold texts to learn from. */
  private static final Set<String> TEXTS = Set.of("text", "match_only_text", "semlux_text");

  /** There where the documents are all of the index. */
  private static final String WHOLE = "documents_are_all";

  /** Texts whose gradients are held at the same time, where a batch may be cut by rows. */
  private static final int TEXTS_AT_ONCE = 16;

  /** What its terms cost a sparse encoder. */
  private static final double QUERY_FLOPS = 1e-3;

  private static final double DOCUMENT_FLOPS = 1e-3;

  /** Below the 20 of {@code semlux train}: pairs made of documents are not worth as much trust. */
  private static final double COSINE_SCALE = 12;

  private final AdaptCommand asked;
  private final Optional<Index> index;
  private final KnownAnswers known;
  private final PrintWriter err;
  private final Path work;

  Adaptation(AdaptCommand asked, Optional<Index> index, KnownAnswers known, PrintWriter err) {
    this.asked = asked;
    this.index = index;
    this.known = known;
    this.err = err;
    Path output = asked.output.toAbsolutePath().normalize();
    this.work = output.resolveSibling(output.getFileName() + ".work");
  }

  /**
   * Runs all steps.
   *
   * @param fingerprint of texts and of settings that decide what is done before training
   * @param training the settings that decide what is trained
   * @return the exit code
   */
  int run(String fingerprint, String training) throws IOException {
    if (!Files.exists(trained())) {
      StagedFolder.requireFree(asked.output);
    }
    requireOwn(fingerprint);
    requireUntrained(training);
    AdaptationData data = data(fingerprint);
    write(work.resolve(TRAINING_SETTINGS), training);
    Path rows = work.resolve("rows.jsonl");
    if (!Files.exists(rows)) {
      mine(data, rows);
    }
    int code = train(data, rows);
    if (code != 0) {
      return code;
    }
    AdaptationReport report =
        new SideBySide(asked.task, asked.retriever(), vectors(), err)
            .judge(data.judging(), asked.base, asked.output, asked.seed);
    report.write(asked.output, BaseModel.of(asked.output).sha256());
    report.print(err);
    return 0;
  }

  /**
   * Reads an index. A field that it does not map may be in its documents all the same; a name that
   * is wrong is told after the first page, before all of the index has been read.
   */
  private void read(Index from, Documents corpus, DocumentSample sample) throws IOException {
    Map<String, Set<String>> fields = from.fields();
    Set<String> doubted = new LinkedHashSet<>(List.of(asked.field));
    if (!asked.titleField.equals(AdaptCommand.TITLE)) { // what nobody asked for may be lacking
      doubted.add(asked.titleField);
    }
    doubted.removeAll(fields.keySet());
    if (!doubted.isEmpty()) {
      err.printf("[%s] maps no field %s: looking into its documents%n", from.name(), doubted);
    }
    List<String> texts =
        fields.keySet().stream()
            .filter(name -> fields.get(name).stream().anyMatch(TEXTS::contains))
            .toList();
    AtomicInteger read = new AtomicInteger();
    corpus.read(
        from,
        document -> {
          sample.accept(document);
          if (!document.text().isBlank()) {
            doubted.remove(asked.field);
          }
          if (!document.title().isBlank()) {
            doubted.remove(asked.titleField);
          }
          if (read.incrementAndGet() == Index.PAGE) {
            requireNone(doubted, from, read.get(), texts);
          }
        });
    requireNone(doubted, from, read.get(), texts);
  }

  private static void requireNone(Set<String> lacking, Index from, int read, List<String> texts)
      throws IOException {
    if (!lacking.isEmpty()) {
      throw new IOException(
          "[%s] maps no field %s and none of its first %d documents has it, it has texts in %s"
              .formatted(from.name(), lacking, read, texts));
    }
  }

  /** Refuses a folder of what is done that this same run has not left, whoever made it. */
  private void requireOwn(String fingerprint) throws IOException {
    Path file = work.resolve(SETTINGS);
    if (!Files.exists(file)) {
      StagedFolder.requireFree(work);
    } else if (!Files.readString(file).equals(fingerprint)) {
      throw new IOException(
          work
              + " was left by a run with other texts or settings, or by another version: delete it, or give another --output");
    }
  }

  /** Rows that were found are of use whatever is trained on them; a model is not. */
  private void requireUntrained(String settings) throws IOException {
    Path file = work.resolve(TRAINING_SETTINGS);
    List<Path> done =
        Stream.of(trained(), asked.output)
            .filter(model -> Files.exists(model.resolve("modules.json")) || isBegun(model))
            .toList();
    boolean same = Files.exists(file) && Files.readString(file).equals(settings);
    if (!same && !done.isEmpty()) {
      throw new IOException(
          done
              + " was trained by a run with other settings: delete it, where the rows that it learnt"
              + " from are used again, or give another --output");
    }
  }

  /** Whole or not at all: half of it would be another run's. */
  private static void write(Path file, String text) throws IOException {
    try (OutputFile out = new OutputFile(file)) {
      out.writer().write(text);
      out.commit();
    }
  }

  private Path trained() {
    return work.resolve("trained");
  }

  private static boolean isBegun(Path trained) {
    return Files.exists(new Checkpoints(trained).of(0));
  }

  /** Of the documents that this run took before, or else of some that it takes and writes. */
  private AdaptationData data(String fingerprint) throws IOException {
    Path file = work.resolve(DOCUMENTS);
    if (Files.exists(file)) {
      List<Document> documents = new ArrayList<>();
      try (var lines = Files.lines(file)) {
        lines.forEach(line -> documents.add(GSON.fromJson(line, Document.class)));
      }
      return data(documents);
    }
    DocumentSample sample = sample();
    List<Document> taken = sample.documents();
    AdaptationData data = data(taken); // before anything is written: they may be too few
    Files.createDirectories(work);
    write(work.resolve(SETTINGS), fingerprint);
    Files.deleteIfExists(work.resolve(WHOLE));
    if (sample.isWhole()) {
      write(work.resolve(WHOLE), "");
    }
    try (OutputFile out = new OutputFile(file)) {
      for (Document document : taken) {
        out.writer().write(GSON.toJson(document) + "\n");
      }
      out.commit();
    }
    return data;
  }

  private AdaptationData data(List<Document> documents) {
    return AdaptationData.of(documents, known, asked.shares(), asked.seed, err);
  }

  private DocumentSample sample() throws IOException {
    DocumentSample sample = new DocumentSample(asked.mostDocuments, known.documents(), asked.seed);
    Documents corpus = new Documents(asked.field, asked.titleField);
    if (index.isPresent()) {
      read(index.get(), corpus, sample);
    } else {
      corpus.read(asked.source.corpus, sample);
    }
    int count = sample.documents().size();
    err.printf(Locale.ROOT, "%,d of %,d documents%n", count, sample.seen());
    if (count == 0) {
      throw new IOException(
          "no document has a text in [" + asked.field + "]: give its name by --field");
    }
    return sample;
  }

  private void mine(AdaptationData data, Path rows) throws IOException {
    AdaptationRows making =
        new AdaptationRows(
            data, asked.negatives(), asked.relativeMargin(), lists(), asked.seed, err);
    if (!asked.searches(known)) {
      making.write(rows);
      return;
    }
    WordSearch words = words(data);
    EncoderOptions options = EncoderOptions.defaults();
    Optional<TeacherScores> teacher =
        teacher().map(folder -> new TeacherScores(folder, options, !lists(), vectors(), err));
    Path retriever = asked.retriever();
    try (DenseEncoder encoder = DenseEncoder.load(retriever, options)) {
      boolean cosine = BaseSimilarity.of(retriever).isCosine();
      MiningSearch near = new MiningSearch(encoder, retriever, options, cosine, vectors(), err);
      making.write(near, words, known.unanswered(), teacher, rows);
    }
  }

  private Optional<Path> teacher() throws IOException {
    if (!asked.teachesItself()) {
      return Optional.ofNullable(asked.teacher);
    }
    Path own = work.resolve("own_teacher");
    if (!Files.exists(own)) {
      try (StagedFolder folder = StagedFolder.create(own, false)) {
        OwnTeacher.write(asked.base, folder.path());
        folder.commit();
      }
    }
    return Optional.of(own);
  }

  private WordSearch words(AdaptationData data) throws IOException {
    // The best of a whole index would hardly be among a small part of it.
    if (index.isPresent() && Files.exists(work.resolve(WHOLE))) {
      IndexWordSearch own = IndexWordSearch.of(index.get(), asked.field, data.corpus());
      Optional<String> refusal = own.refusal();
      if (refusal.isEmpty()) {
        return own;
      }
      err.printf("Words are searched for here, with another BM25: %s%n", refusal.get());
    }
    return new Bm25(data.corpus().stream().map(Document::text).toList());
  }

  private Path vectors() {
    return work.resolve("vectors");
  }

  private int train(AdaptationData data, Path rows) throws IOException {
    if (Files.exists(asked.output.resolve("modules.json"))) {
      return 0;
    }
    Path trained = trained();
    if (!Files.exists(trained.resolve(TrainingReport.FILE))) { // training writes it last
      System.gc(); // what mining left behind, up to the whole heap, is room for gradients
      int code = train(rows, begin(data), trained);
      if (code != 0) {
        return code;
      }
    }
    try (StagedFolder folder = StagedFolder.create(asked.output, false)) {
      boolean another = hasNewHead();
      // What training began with holds the base's weights in the same files, however it keeps them.
      Path base = another ? trained : new Checkpoints(trained).of(0);
      double share = another ? 0 : asked.training.baseShare(asked.teachesItself());
      WeightMean.write(base, share, trained, folder.path());
      folder.commit();
    }
    return 0;
  }

  /** What training begins with. */
  private Path begin(AdaptationData data) throws IOException {
    if (!asked.training.inferenceFree || InferenceFreeFolder.is(ModelFolder.open(asked.base))) {
      return asked.base;
    }
    Path changed = work.resolve("inference_free");
    if (!Files.exists(changed)) {
      try (StagedFolder folder = StagedFolder.create(changed, false)) {
        TermRarity.write(asked.base, data.corpus(), folder.path());
        folder.commit();
      }
    }
    return changed;
  }

  private int train(Path rows, Path begin, Path output) throws IOException {
    Map<String, Object> options = new HashMap<>();
    options.put("--task", asked.task);
    options.put("--loss", loss());
    if (asked.task == Task.BI_ENCODER) {
      BaseSimilarity similarity = BaseSimilarity.of(asked.base);
      options.put("--similarity-fct", similarity.argument());
      if (asked.training.scale != null) {
        options.put("--scale", asked.training.scale);
      } else if (asked.teachesItself()) {
        options.put("--temperature", OwnTeacher.TEMPERATURE);
      } else if (asked.teacher == null && similarity.isCosine()) {
        options.put("--scale", COSINE_SCALE);
      }
    }
    if (asked.task == Task.SPARSE_ENCODER) {
      if (!InferenceFreeFolder.is(ModelFolder.open(begin))) {
        options.put("--query-regularizer-weight", QUERY_FLOPS);
      }
      options.put("--document-regularizer-weight", DOCUMENT_FLOPS);
    }
    if (asked.training.lora.loraRank > 0) {
      options.put("--lora-rank", asked.training.lora.loraRank);
      options.put("--lora-target-modules", String.join(",", asked.training.lora.loraTargetModules));
    }
    if (asked.training.lora.loraAlpha != null) {
      options.put("--lora-alpha", asked.training.lora.loraAlpha);
    }
    prompts().ifPresent(prompts -> options.put("--prompts", prompts));
    options.put("--base", begin);
    options.put("--train", rows);
    options.put("--batch-sampler", lists() ? "batch_sampler" : "no_duplicates");
    options.put("--warmup-ratio", 0.1);
    options.put("--num-train-epochs", asked.training.epochs(asked.teachesItself()));
    int batch = asked.training.batchSize(asked.task, asked.teachesItself());
    int atOnce = rowsStandAlone() ? rowsAtOnce(batch) : batch;
    options.put("--per-device-train-batch-size", atOnce);
    options.put("--gradient-accumulation-steps", batch / atOnce);
    options.put("--mini-batch-size", 16);
    options.put("--learning-rate", asked.training.learningRate);
    options.put("--save-steps", 100);
    options.put("--seed", asked.seed);
    options.put("--output", output);
    List<Object> arguments = new ArrayList<>(List.of("train"));
    options.forEach((name, value) -> arguments.addAll(List.of(name, value)));
    if (new Checkpoints(output).newest().isPresent()) {
      arguments.add("--resume");
    }
    return Semlux.commandLine()
        .setOut(asked.spec.commandLine().getOut())
        .setErr(err)
        .execute(arguments.stream().map(Object::toString).toArray(String[]::new));
  }

  /**
   * Whether a row's loss looks at no other row: then the mean of gradients of some rows at a time
   * is that of all, and nothing has to go through the network twice.
   */
  private boolean rowsStandAlone() {
    return asked.task != Task.SPARSE_ENCODER && (asked.isTaught() || lists());
  }

  /** How many of a batch fit into memory well; the batch is a multiple of them. */
  private int rowsAtOnce(int batch) {
    int most = Math.max(1, TEXTS_AT_ONCE / (2 + asked.negatives()));
    return IntStream.iterate(Math.min(most, batch), rows -> rows - 1)
        .filter(rows -> batch % rows == 0)
        .findFirst()
        .orElseThrow();
  }

  /** What the model is served with before queries and documents: it learns with that, too. */
  private Optional<String> prompts() throws IOException {
    if (hasNewHead()) {
      return Optional.empty(); // its base's prompts are not for pairs
    }
    Prompts prompts = Prompts.of(ModelFolder.open(asked.base));
    if (lists()) {
      String ofPairs = prompts.resolve(EncodeRequest.of(List.of()));
      return Optional.of(ofPairs)
          .filter(prompt -> !prompt.isEmpty())
          .map(prompt -> new JsonPrimitive(prompt).toString()); // whatever it begins with
    }
    JsonObject byColumn = new JsonObject();
    for (String column : AdaptationRows.columns(asked.negatives())) {
      InputType side = byColumn.isEmpty() ? InputType.QUERY : InputType.DOCUMENT;
      byColumn.addProperty(column, prompts.ofSide(side));
    }
    boolean none = byColumn.asMap().values().stream().allMatch(of -> of.getAsString().isEmpty());
    return none ? Optional.empty() : Optional.of(byColumn.toString());
  }

  /** A reranker that another kind of model was made of has a head that its base lacks. */
  private boolean hasNewHead() throws IOException {
    return lists() && ModelFolder.open(asked.base).kind() != EncoderKind.CROSS;
  }

  private boolean lists() {
    return asked.task == Task.CROSS_ENCODER;
  }

  private String loss() {
    if (asked.teachesItself()) {
      return "DistillKLDiv";
    }
    boolean taught = asked.teacher != null;
    return switch (asked.task) {
      case BI_ENCODER, MULTI_VECTOR_ENCODER -> taught ? "MarginMSE" : "MultipleNegativesRanking";
      case SPARSE_ENCODER -> taught ? "SparseMarginMSE" : "SparseMultipleNegativesRanking";
      case CROSS_ENCODER -> taught ? "MarginMSE" : "ListNet";
    };
  }
}
