package org.semlux.training.adapt;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.card.BaseModel;
import org.semlux.training.card.Task;
import org.semlux.training.deploy.Manifest;
import org.semlux.training.index.Index;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.train.LoraArguments;
import org.semlux.training.train.TrainingArguments;

/**
 * All that an adaptation is told.
 *
 * @param asked the files that {@code known} was read from, in the order of {@link
 *     KnownAnswers#read}
 * @param known what people asked, and where they found it
 * @param relativeMargin how far below its positive a negative scores at least; empty where the
 *     teacher tells how far something is
 * @param output the folder of the model; the run's lies beside it
 * @param seed of everything random
 */
public record AdaptationPlan(
    AdaptationModels models,
    Corpus corpus,
    List<Optional<Path>> asked,
    KnownAnswers known,
    AdaptationData.Shares shares,
    OptionalDouble relativeMargin,
    Training training,
    Path output,
    long seed) {
  /** Of how documents become rows: counts whenever that changes. */
  private static final int RECIPE = 8;

  /** The same where files are read: what is an id and what a text in them has changed since. */
  private static final int FILE_RECIPE = 9;

  /**
   * Where the texts are.
   *
   * @param name what tells it from others: a file's sha256, or an index's address and name
   * @param index it, unless it is a file
   * @param file it, unless it is an index
   * @param most documents that are taken, beside those that {@link KnownAnswers} names
   */
  public record Corpus(
      String name, Optional<Index> index, Optional<Path> file, Documents documents, int most) {
    private JsonObject toJson() {
      JsonObject json = new JsonObject();
      index.ifPresent(
          it -> {
            json.addProperty("from", it.cluster().url());
            json.addProperty("index", it.name());
          });
      file.ifPresent(
          it -> {
            json.addProperty("file", it.toString());
            json.addProperty("sha256", name);
          });
      json.addProperty("field", documents.field());
      json.addProperty("title_field", documents.titleField());
      return json;
    }
  }

  /**
   * How the rows are trained with.
   *
   * @param epochs how often the pairs are seen
   * @param batchSize pairs whose answers meet in one loss
   * @param learningRate AdamW's, at its highest
   * @param scale of similarities in the loss of a bi-encoder that nothing teaches; the loss's own
   *     where empty
   * @param baseShare the base's share of the weights in the end
   * @param inferenceFree whether a sparse encoder's queries are looked up
   */
  public record Training(
      double epochs,
      int batchSize,
      double learningRate,
      OptionalDouble scale,
      double baseShare,
      boolean inferenceFree,
      LoraArguments lora) {
    /**
     * Refuses what makes no sense.
     *
     * @throws IllegalArgumentException that names the option
     */
    public void check(Task task) {
      TrainingArguments arguments = new TrainingArguments();
      arguments.numTrainEpochs = epochs;
      arguments.perDeviceTrainBatchSize = batchSize;
      arguments.adamW.learningRate = learningRate;
      arguments.lora = lora;
      arguments.check();
      LossArguments loss = new LossArguments();
      scale.ifPresent(given -> loss.scale = given);
      loss.check(task.kind());
    }

    /** All that decides what is trained, and what share of it the output has. */
    String settings() {
      return "%s %s %s %s %s %s %s %s %s"
          .formatted(
              epochs,
              batchSize,
              learningRate,
              scale.isPresent() ? scale.getAsDouble() : null,
              baseShare,
              inferenceFree,
              lora.loraRank,
              lora.loraAlpha,
              lora.loraTargetModules);
    }
  }

  /** The base's share of the weights in the end: a head that the base lacks has no mean with it. */
  double shareOfBase() throws IOException {
    return models.hasNewHead() ? 0 : training.baseShare();
  }

  /** All that decides what is done before training, for telling whose folder OUTPUT.work is. */
  String fingerprint() throws IOException {
    boolean files = corpus.file().isPresent() || asked.stream().anyMatch(Optional::isPresent);
    StringBuilder all = new StringBuilder("recipe " + (files ? FILE_RECIPE : RECIPE) + " ");
    all.append(corpus.name());
    for (Optional<Path> file : asked) {
      all.append(' ').append(file.isEmpty() ? "-" : Sha256.of(file.get()));
    }
    Optional<Path> teacher = models.teacher();
    all.append(' ').append(models.task());
    all.append(' ').append(BaseModel.of(models.base()).sha256());
    all.append(' ').append(BaseModel.of(models.retriever()).sha256());
    all.append(' ').append(teacher.isEmpty() ? "-" : BaseModel.of(teacher.get()).sha256());
    all.append(' ').append(corpus.documents().field());
    all.append(' ').append(corpus.documents().titleField());
    all.append(' ').append(shares);
    return all.append(
            " %s %s %s %s".formatted(corpus.most(), models.negatives(), relativeMargin, seed))
        .toString();
  }

  /**
   * What is made of what and how, for {@link AdaptationReport}.
   *
   * @param searched documents that the most telling queries search
   * @param documents with a text that there are
   * @param whole whether none of their texts was left out
   */
  JsonObject toJson(int searched, OptionalLong documents, boolean whole) throws IOException {
    JsonObject base = new JsonObject();
    base.addProperty("name", models.base().toString());
    base.addProperty("sha256", BaseModel.of(models.base()).sha256());
    // A cluster knows files by this.
    base.addProperty("version", Manifest.of(models.base(), Precision.AUTO, hashed -> {}).version());
    JsonObject json = new JsonObject();
    json.add("base", base);
    JsonObject texts = corpus.toJson();
    texts.addProperty("searched", searched);
    documents.ifPresent(count -> texts.addProperty("documents", count));
    texts.addProperty("whole", whole);
    json.add("corpus", texts);
    json.addProperty("seed", seed);
    json.add("options", options());
    return json;
  }

  /** By their names on the command line, with what was taken where nobody said. */
  private JsonObject options() throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("task", models.task().toString());
    json.addProperty("retriever", name(models.retriever()));
    if (models.isTaught()) {
      String tokens = "the tokens of " + name(models.base()) + ", compared one by one";
      json.addProperty("teacher", models.teacher().map(AdaptationPlan::name).orElse(tokens));
    }
    json.addProperty("max_documents", corpus.most());
    json.addProperty("max_pairs", shares.mostPairs());
    shares.sentences().ifPresent(count -> json.addProperty("sentences", count));
    json.addProperty("held_out", shares.heldOut());
    json.addProperty("num_negatives", models.negatives());
    relativeMargin.ifPresent(margin -> json.addProperty("relative_margin", margin));
    json.addProperty("num_train_epochs", training.epochs());
    json.addProperty("per_device_train_batch_size", training.batchSize());
    json.addProperty("learning_rate", training.learningRate());
    training.scale().ifPresent(scale -> json.addProperty("scale", scale));
    json.addProperty("base_share", shareOfBase());
    json.addProperty("inference_free", training.inferenceFree());
    json.addProperty("lora_rank", training.lora().loraRank);
    if (training.lora().loraRank > 0) {
      if (training.lora().loraAlpha != null) {
        json.addProperty("lora_alpha", training.lora().loraAlpha);
      }
      json.addProperty("lora_target_modules", String.join(",", training.lora().loraTargetModules));
    }
    return json;
  }

  /** The model card has it too, which goes where nobody knows the paths of this machine. */
  private static String name(Path model) {
    return model.toAbsolutePath().normalize().getFileName().toString();
  }
}
