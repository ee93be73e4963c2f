package org.semlux.training.adapt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.text.Prompts;
import org.semlux.training.base.InferenceFreeFolder;
import org.semlux.training.base.StartingFolder;
import org.semlux.training.card.Task;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPairReader;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.loss.Losses;
import org.semlux.training.train.TrainingArguments;
import org.semlux.training.train.TrainingData;
import org.semlux.training.train.TrainingDataReader;
import org.semlux.training.train.TrainingPrompts;
import org.semlux.training.train.TrainingSession;

/** Which loss learns from an adaptation's rows, and how it is set. */
record TrainingChoice(AdaptationPlan plan) {
  /** Texts whose gradients are held at the same time, where a batch may be cut by rows. */
  private static final int TEXTS_AT_ONCE = 16;

  /** What its terms cost a sparse encoder. */
  private static final double QUERY_FLOPS = 1e-3;

  private static final double DOCUMENT_FLOPS = 1e-3;

  /** Below the 20 of {@code semlux train}: pairs made of documents are not worth as much trust. */
  private static final double COSINE_SCALE = 12;

  /**
   * A run that learns from rows.
   *
   * @param begin the model that it starts from
   * @param output its folder
   */
  TrainingSession session(Path begin, Path rows, Path output, PrintWriter err) throws IOException {
    Task task = plan.models().task();
    Loss loss = Losses.of(task.kind(), Optional.of(lossName()), lossArguments());
    ScoredPairReader pairs =
        new ScoredPairReader(PairColumns.DEFAULT, false, err); // there are none
    TrainingData data =
        new TrainingDataReader(loss, lossName(), pairs, OptionalDouble.empty(), err)
            .read(List.of(rows), Optional.empty(), Optional.empty());
    StartingFolder start = StartingFolder.of(begin, plan.seed());
    return new TrainingSession(task, start, data, arguments(begin), output, err);
  }

  private String lossName() {
    boolean taught = plan.models().isTaught();
    return switch (plan.models().task()) {
      case BI_ENCODER, MULTI_VECTOR_ENCODER -> taught ? "DistillKLDiv" : "MultipleNegativesRanking";
      case SPARSE_ENCODER -> taught ? "SparseDistillKLDiv" : "SparseMultipleNegativesRanking";
      case CROSS_ENCODER -> taught ? "MarginMSE" : "ListNet";
    };
  }

  private LossArguments lossArguments() throws IOException {
    LossArguments arguments = new LossArguments();
    if (plan.models().learnsDistributions()) {
      arguments.temperature = plan.models().temperature();
    }
    if (plan.models().task() == Task.BI_ENCODER) {
      BaseSimilarity similarity = BaseSimilarity.of(plan.models().base());
      arguments.similarity = similarity.inLosses();
      if (plan.training().scale().isPresent()) {
        arguments.scale = plan.training().scale().getAsDouble();
      } else if (!plan.models().isTaught() && similarity.isCosine()) {
        arguments.scale = COSINE_SCALE;
      }
    }
    return arguments;
  }

  private TrainingArguments arguments(Path begin) throws IOException {
    AdaptationPlan.Training training = plan.training();
    TrainingArguments arguments = new TrainingArguments();
    if (plan.models().task() == Task.SPARSE_ENCODER) {
      if (!InferenceFreeFolder.is(ModelFolder.open(begin))) {
        arguments.splade.queryRegularizerWeight = QUERY_FLOPS;
      }
      arguments.splade.documentRegularizerWeight = DOCUMENT_FLOPS;
    }
    arguments.lora = training.lora();
    prompts().ifPresent(prompts -> arguments.prompts = new TrainingPrompts(prompts));
    arguments.batchSampler =
        plan.models().lists()
            ? TrainingArguments.Batches.BATCH_SAMPLER
            : TrainingArguments.Batches.NO_DUPLICATES;
    arguments.adamW.warmupRatio = 0.1;
    arguments.numTrainEpochs = training.epochs();
    int batch = training.batchSize();
    int atOnce = rowsStandAlone() ? rowsAtOnce(batch) : batch;
    arguments.perDeviceTrainBatchSize = atOnce;
    arguments.gradientAccumulationSteps = batch / atOnce;
    arguments.miniBatchSize = 16;
    arguments.adamW.learningRate = training.learningRate();
    arguments.checkpoints.saveSteps = 100;
    arguments.seed = plan.seed();
    return arguments;
  }

  /**
   * Whether a row's loss looks at no other row: then the mean of gradients of some rows at a time
   * is that of all, and nothing has to go through the network twice.
   */
  private boolean rowsStandAlone() {
    AdaptationModels models = plan.models();
    return models.task() != Task.SPARSE_ENCODER && (models.isTaught() || models.lists());
  }

  /** How many of a batch fit into memory well; the batch is a multiple of them. */
  private int rowsAtOnce(int batch) {
    int most = Math.max(1, TEXTS_AT_ONCE / (2 + plan.models().negatives()));
    return IntStream.iterate(Math.min(most, batch), rows -> rows - 1)
        .filter(rows -> batch % rows == 0)
        .findFirst()
        .orElseThrow();
  }

  /** What the model is served with before queries and documents: it learns with that, too. */
  private Optional<JsonElement> prompts() throws IOException {
    if (plan.models().hasNewHead()) {
      return Optional.empty(); // its base's prompts are not for pairs
    }
    Prompts prompts = Prompts.of(ModelFolder.open(plan.models().base()));
    if (plan.models().lists()) {
      return Optional.of(prompts.resolve(EncodeRequest.of(List.of())))
          .filter(prompt -> !prompt.isEmpty())
          .map(JsonPrimitive::new);
    }
    JsonObject byColumn = new JsonObject();
    for (String column : AdaptationRows.columns(plan.models().negatives())) {
      InputType side = byColumn.isEmpty() ? InputType.QUERY : InputType.DOCUMENT;
      byColumn.addProperty(column, prompts.ofSide(side));
    }
    boolean none = byColumn.asMap().values().stream().allMatch(of -> of.getAsString().isEmpty());
    return none ? Optional.empty() : Optional.of(byColumn);
  }
}
