package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.DatasetSummary;
import org.semlux.training.card.Energy;
import org.semlux.training.card.Hardware;
import org.semlux.training.card.ModelCard;
import org.semlux.training.card.Provenance;
import org.semlux.training.card.Task;
import org.semlux.training.card.TrainingLog;
import org.semlux.training.card.TrainingReport;
import org.semlux.training.card.TrainingRun;
import org.semlux.training.card.Versions;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.evaluate.PairEvaluation;
import org.semlux.training.loss.Loss;
import org.semlux.training.run.ModelRun;

/**
 * What a finished run leaves beside its weights: card, report and provenance.
 *
 * @param base what it began with
 * @param folder of the run and of its model
 */
public record TrainedModel(
    Task task,
    BaseModel base,
    Path folder,
    TrainingData data,
    TrainingArguments arguments,
    Trainer.Outcome outcome,
    PrintWriter err) {
  /** What is written beside the model itself. */
  public static final Set<String> DOCUMENTATION =
      Set.of(ModelCard.FILE, TrainingReport.FILE, Provenance.FILE);

  /** Evaluates and writes all of it. */
  public void describe() throws IOException {
    Loss loss = data.loss();
    List<PairFile> judging = data.judging();
    List<TrainingRun.Result> results = new ArrayList<>();
    List<TrainingRun.Predictions> predictions = new ArrayList<>();
    List<DatasetSummary> summaries = new ArrayList<>();
    ModelFolder model = ModelFolder.open(folder);
    List<DatasetSummary> trained = new ArrayList<>();
    try (ExampleReader reader = ExampleReader.open(folder)) {
      Tokenizer tokenizer = reader.tokenizer();
      for (TrainingFile file : data.files()) {
        trained.add(summary(file, tokenizer));
      }
      for (PairFile file : judging) {
        summaries.add(
            summary(
                new TrainingFile(file.name(), file.file(), file.rows(), new ScoreScale(1)),
                tokenizer));
      }
    }
    for (PairFile file : judging) {
      PairEvaluation.Judged before = judge(new Checkpoints(folder).of(0), file, Optional.empty());
      PairEvaluation.Judged after = judge(folder, file, Optional.of(folder));
      results.add(
          new TrainingRun.Result(
              after.evaluator(),
              file.name(),
              after.primaryMetric(),
              before.metrics(),
              after.metrics()));
      predictions.add(
          new TrainingRun.Predictions(file.name(), gold(file.pairs()), after.predicted()));
    }
    TrainingLog.Entries log = TrainingLog.read(folder.resolve(TrainingLog.FILE));
    TrainingRun run =
        new TrainingRun(
            task,
            base,
            model(model),
            new TrainingRun.Loss(loss.reference(), parameters()),
            new TrainingRun.Hyperparameters(
                arguments.asMap(loss.kind()), new TrainingArguments().asMap(loss.kind())),
            trained,
            summaries,
            new TrainingRun.History(log.steps(), log.evaluations(), outcome.best()),
            results,
            predictions,
            outcome.duration(),
            Hardware.current(),
            Versions.current(),
            Energy.DEFAULT,
            arguments.seed);
    ModelCard.write(folder, run);
    Provenance.write(folder, run);
    TrainingReport.write(folder.resolve(TrainingReport.FILE), run);
  }

  private DatasetSummary summary(TrainingFile file, Tokenizer tokenizer) throws IOException {
    return DatasetSummary.of(
        file.name(),
        file.file(),
        file.rows(),
        file.scale(),
        text -> Arrays.stream(tokenizer.tokenize(text).ids()).boxed().toList());
  }

  private PairEvaluation.Judged judge(Path model, PairFile file, Optional<Path> output)
      throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(arguments.askedPrecision());
    return new PairEvaluation(new ModelRun(model, options, err), file.name(), output)
        .judge(file.pairs());
  }

  private static double[] gold(List<ScoredPair> pairs) {
    return pairs.stream().mapToDouble(ScoredPair::score).toArray();
  }

  private TrainingRun.Model model(ModelFolder model) throws IOException {
    try (Encoder encoder = Encoder.load(folder, EncoderOptions.defaults())) {
      EncoderInfo info = encoder.info();
      List<String> modules = new ArrayList<>();
      boolean routed = !Router.children(model).isEmpty();
      for (ModelFolder.Module module : model.modules()) {
        modules.add(line(module));
        if (modules.size() == 1 && routed) {
          addRoutes(model, modules);
        }
      }
      String architecture = String.join("\n", modules);
      String similarity = model.settings().getString("similarity_fn_name", "");
      return new TrainingRun.Model(
          info.name(), info.maxTokens(), info.dimensions(), similarity, architecture, routed);
    }
  }

  /** What a router, which is the first module, has for each side. */
  private static void addRoutes(ModelFolder model, List<String> lines) throws IOException {
    for (Map.Entry<String, ModelFolder> route : Router.of(model).routes().entrySet()) {
      List<ModelFolder.Module> all = route.getValue().modules();
      for (ModelFolder.Module module : all.subList(0, all.size() + 1 - model.modules().size())) {
        lines.add("  " + route.getKey() + ": " + line(module));
      }
    }
  }

  private static String line(ModelFolder.Module module) throws IOException {
    return module.type() + " (" + place(module) + ")";
  }

  private static String place(ModelFolder.Module module) throws IOException {
    String type = module.config("config.json").getString("model_type", "");
    return type.isEmpty() ? module.folder().getFileName().toString() : type;
  }

  private Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>(data.loss().parameters());
    if (data.loss().kind() == EncoderKind.SPARSE) {
      parameters.put("document_regularizer_weight", arguments.splade.documentRegularizerWeight);
      if (arguments.splade.queryRegularizerWeight != null) {
        parameters.put("query_regularizer_weight", arguments.splade.queryRegularizerWeight);
      }
    }
    return parameters;
  }
}
