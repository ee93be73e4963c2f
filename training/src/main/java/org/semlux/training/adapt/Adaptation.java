package org.semlux.training.adapt;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.base.InferenceFreeFolder;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.TrainingReport;
import org.semlux.training.folder.StagedFolder;
import org.semlux.training.folder.WorkFolder;
import org.semlux.training.train.Checkpoints;
import org.semlux.training.train.TrainingSession;
import org.semlux.training.train.WeightMean;

/**
 * Fits a model to a corpus, and judges both. Each step leaves a file when it is done, so that a run
 * that was stopped goes on behind it. For one thread.
 *
 * {@snippet lang=java :
 * AdaptationModels models =
 *     AdaptationModels.of(
 *         Task.BI_ENCODER,
 *         Path.of("minilm"),
 *         Optional.empty(),
 *         Optional.empty(),
 *         OptionalInt.empty());
 * Path texts = Path.of("passages.jsonl");
 * Documents documents = new Documents("text", Documents.TITLE);
 * AdaptationPlan plan =
 *     new AdaptationPlan(
 *         models,
 *         new AdaptationPlan.Corpus(
 *             Sha256.of(texts), Optional.empty(), Optional.of(texts), documents, 20_000),
 *         List.of(),
 *         KnownAnswers.NONE,
 *         new AdaptationData.Shares(.1, 1000, OptionalInt.empty(), 8000),
 *         OptionalDouble.empty(),
 *         new AdaptationPlan.Training(
 *             1, 16, 5e-5, OptionalDouble.empty(), .3, false, new LoraArguments()),
 *         Path.of("adapted"),
 *         42);
 * boolean done = new Adaptation(plan, new PrintWriter(System.err, true)).run();
 * }
 */
public final class Adaptation {
  private final AdaptationPlan plan;
  private final AdaptationFolder folder;
  private final PrintWriter err;

  /**
   * @param err is told how it goes, and the verdict
   */
  public Adaptation(AdaptationPlan plan, PrintWriter err) {
    this.plan = plan;
    this.folder = new AdaptationFolder(plan.output());
    this.err = err;
  }

  /**
   * Runs all steps, or those that are left.
   *
   * @return whether they are done, and nobody stopped the process
   * @throws IOException when a file or the index cannot be read, or the output is taken
   * @throws IllegalArgumentException when there is too little to learn from or to judge by
   */
  public boolean run() throws IOException {
    String fingerprint = plan.fingerprint();
    String settings = plan.training().settings();
    // Before it is judged by what another may just be writing.
    WorkFolder work = WorkFolder.take(folder.output(), err::println);
    try (work) {
      return run(fingerprint, settings);
    }
  }

  private boolean run(String fingerprint, String settings) throws IOException {
    folder.requireOwn(fingerprint, settings);
    AdaptationData data = data(fingerprint);
    folder.writeTraining(settings);
    if (!Files.exists(folder.rows())) {
      new RowMining(plan, folder, err).write(data);
    }
    if (!train(data)) {
      return false;
    }
    AdaptationModels models = plan.models();
    AdaptationReport report =
        new SideBySide(models.task(), models.retriever(), folder.vectors(), err)
            .judge(data.judging(), models.base(), plan.output(), plan.seed());
    List<AdaptationData.Judging> sets = data.judging();
    int searched = sets.get(sets.size() - 1).ids().size();
    JsonObject run = plan.toJson(searched, folder.seen(), folder.isWhole());
    report.write(plan.output(), BaseModel.of(plan.output()).sha256(), run);
    new AdaptedCard(plan, report, run).write();
    report.print(err);
    return true;
  }

  /** Of the documents that this run took before, or else of some that it takes and writes. */
  private AdaptationData data(String fingerprint) throws IOException {
    Optional<List<Document>> before = folder.documents();
    if (before.isPresent()) {
      return data(before.get());
    }
    DocumentSample sample =
        new CorpusReading(plan.corpus(), err).sample(plan.known().documents(), plan.seed());
    AdaptationData data = data(sample.documents()); // before anything is written: too few?
    folder.begin(fingerprint, sample);
    return data;
  }

  private AdaptationData data(List<Document> documents) {
    return AdaptationData.of(documents, plan.known(), plan.shares(), plan.seed(), err);
  }

  /** Whether the model is there: training may be stopped. */
  private boolean train(AdaptationData data) throws IOException {
    if (Files.exists(plan.output().resolve("modules.json"))) {
      return true;
    }
    Path trained = folder.trained();
    Checkpoints checkpoints = new Checkpoints(trained);
    if (!Files.exists(trained.resolve(TrainingReport.FILE))) { // training writes it last
      System.gc(); // what mining left behind, up to the whole heap, is room for gradients
      TrainingSession session =
          new TrainingChoice(plan).session(begin(data), folder.rows(), trained, err);
      if (!session.run(checkpoints.newest().isPresent())) {
        return false;
      }
    }
    try (StagedFolder output = StagedFolder.create(plan.output(), false)) {
      // What training began with holds the base's weights in the same files, however it keeps them.
      Path base = plan.models().hasNewHead() ? trained : checkpoints.of(0);
      WeightMean.write(base, plan.shareOfBase(), trained, output.path());
      output.commit();
    }
    return true;
  }

  /** What training begins with. */
  private Path begin(AdaptationData data) throws IOException {
    Path base = plan.models().base();
    if (!plan.training().inferenceFree() || InferenceFreeFolder.is(ModelFolder.open(base))) {
      return base;
    }
    return folder.model("inference_free", to -> TermRarity.write(base, data.corpus(), to));
  }
}
