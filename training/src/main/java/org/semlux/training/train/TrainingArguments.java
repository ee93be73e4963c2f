package org.semlux.training.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.FastestPrecision;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How a model is trained, in the words of Hugging Face's TrainingArguments where they have one, and
 * with their defaults but for the batch size (8 there), the steps between two lines of the log
 * (500) and the checkpoints that are kept (all). Filled in by the command line; not changed once
 * training has begun.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.numTrainEpochs = 1;
 * arguments.perDeviceTrainBatchSize = 64;
 * arguments.adamW.learningRate = 2e-5;
 * arguments.check(); // an IllegalArgumentException names what makes no sense
 * }
 */
public final class TrainingArguments {
  /** Whether products are made in bfloat16, by its name in {@link #asMap}. */
  static final String BF16 = "bf16";

  private static final long UNLIMITED = -1;

  private Optional<Precision> begun = Optional.empty();

  /** Which rows of a file make a batch. */
  public enum Batches {
    /** The next ones. */
    BATCH_SAMPLER,
    /** The next ones that share no text. */
    NO_DUPLICATES;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How batches of several files follow each other. */
  public enum SeveralDatasets {
    /** All of each, in random order. */
    PROPORTIONAL,
    /** One of each in turn, until the first file has no more. */
    ROUND_ROBIN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--num-train-epochs",
      paramLabel = "N",
      description = "How often the data are seen (default: ${DEFAULT-VALUE}).")
  public double numTrainEpochs = 3;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Steps in all, whatever the epochs say.")
  public long maxSteps = UNLIMITED;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      description = "Pairs whose answers meet in one loss (default: ${DEFAULT-VALUE}).")
  public int perDeviceTrainBatchSize = 16;

  @Option(
      names = "--mini-batch-size",
      paramLabel = "N",
      description =
          "Texts, or pairs of a cross-encoder, that a thread has in the network at once. Larger"
              + " batches go through it twice, in parts, and give the same gradients in less memory"
              + " (default: all of the batch).")
  public int miniBatchSize;

  @Option(
      names = "--batch-sampler",
      paramLabel = "NAME",
      description =
          "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). no_duplicates keeps a text from"
              + " standing twice in a batch, where it would be its own negative.")
  public Batches batchSampler = Batches.BATCH_SAMPLER;

  @Option(
      names = "--multi-dataset-batch-sampler",
      paramLabel = "NAME",
      description =
          "Of several files: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). The second takes"
              + " a batch of each in turn until the first file has no more.")
  public SeveralDatasets multiDatasetBatchSampler = SeveralDatasets.PROPORTIONAL;

  @Option(
      names = "--prompts",
      paramLabel = "TEXT|JSON",
      converter = TrainingPrompts.Converter.class,
      description =
          "What stands before every text (in JSON's quotes where it begins with {, @ or a quote), or"
              + " by column, such as"
              + " '{\"anchor\": \"query: \", \"positive\": \"passage: \"}', or by file (its name without"
              + " the ending) where there are several (default: nothing, whatever prompts the base"
              + " has).")
  public TrainingPrompts prompts;

  @Option(
      names = "--gradient-accumulation-steps",
      paramLabel = "N",
      description = "Batches whose gradients make one step (default: ${DEFAULT-VALUE}).")
  public int gradientAccumulationSteps = 1;

  @Mixin public AdamWArguments adamW = new AdamWArguments();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Of everything random; the same seed repeats a run (default: ${DEFAULT-VALUE}).")
  public long seed = 42;

  @Option(names = "--no-shuffle", description = "Take the rows in the file's order.")
  public boolean noShuffle;

  @Option(
      names = "--bf16",
      description = "Matrix products in bfloat16 (default where that is faster here).")
  public boolean bf16;

  @Option(names = "--fp32", description = "Everything in float32.")
  public boolean fp32;

  @Mixin public LoraArguments lora = new LoraArguments();

  @Mixin public CheckpointArguments checkpoints = new CheckpointArguments();

  @Mixin public SpladeArguments splade = new SpladeArguments();

  /** The options that were given and are of queries' weights in a table alone. */
  List<String> ofQueryTable() {
    List<String> given = new ArrayList<>();
    if (adamW.queryTableLearningRate != null) {
      given.add("--query-table-learning-rate");
    }
    if (splade.queryRegularizerWeight != null) {
      given.add("--query-regularizer-weight");
    }
    return given;
  }

  /** What products are made in. */
  public Precision precision() {
    return isFree() ? FastestPrecision.TRAINING.resolve(askedPrecision()) : begun.orElseThrow();
  }

  /** Whether no run that began in a precision decides it. */
  private boolean isFree() {
    return begun.isEmpty() || askedPrecision() != Precision.AUTO;
  }

  /**
   * Goes on in what a run began with unless a precision is asked for: what is fastest differs from
   * machine to machine, and a run's steps must not.
   */
  void goOnIn(Precision precision) {
    begun = Optional.of(precision);
  }

  /** Why products are made in {@link #precision()}, in a few words. */
  String precisionReason() {
    if (isFree()) {
      return FastestPrecision.TRAINING.reason(askedPrecision(), precision());
    }
    return FastestPrecision.TRAINING
        .slowness(precision())
        .map(slowness -> "the run began so, though " + slowness)
        .orElse("the run began so");
  }

  /** The same as it was asked for, which models that are not trained take too. */
  public Precision askedPrecision() {
    return bf16 ? Precision.BFLOAT16 : fp32 ? Precision.FLOAT32 : Precision.AUTO;
  }

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException naming the option
   */
  public void check() {
    require(maxSteps > 0 || maxSteps == UNLIMITED, "--max-steps", maxSteps);
    require(
        numTrainEpochs > 0 && Double.isFinite(numTrainEpochs),
        "--num-train-epochs",
        numTrainEpochs);
    require(perDeviceTrainBatchSize > 0, "--per-device-train-batch-size", perDeviceTrainBatchSize);
    require(
        gradientAccumulationSteps > 0, "--gradient-accumulation-steps", gradientAccumulationSteps);
    require(miniBatchSize >= 0, "--mini-batch-size", miniBatchSize);
    checkpoints.check();
    adamW.check();
    lora.check();
    splade.check();
    if (bf16 && fp32) {
      throw new IllegalArgumentException("--bf16 and --fp32 exclude each other");
    }
  }

  static void require(boolean sensible, String option, Object value) {
    if (!sensible) {
      throw new IllegalArgumentException(option + " " + value + " makes no sense");
    }
  }

  /** Every setting under its name in TrainingArguments, in a fixed order. */
  public Map<String, Object> asMap(EncoderKind kind) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("num_train_epochs", numTrainEpochs);
    map.put("max_steps", maxSteps);
    map.put("per_device_train_batch_size", perDeviceTrainBatchSize);
    map.put("mini_batch_size", miniBatchSize);
    map.put("batch_sampler", batchSampler.toString());
    map.put("multi_dataset_batch_sampler", multiDatasetBatchSampler.toString());
    map.put("gradient_accumulation_steps", gradientAccumulationSteps);
    adamW.addTo(map);
    map.put("seed", seed);
    map.put("shuffle", !noShuffle);
    map.put(BF16, precision() == Precision.BFLOAT16);
    lora.addTo(map);
    if (prompts != null) {
      map.put("prompts", prompts.toString());
    }
    checkpoints.addTo(map);
    if (kind == EncoderKind.SPARSE) {
      splade.addTo(map);
      map.put("query_table_learning_rate", adamW.rate(true));
    }
    return map;
  }

  /**
   * All that decides what a step does beside {@link #prompts(TrainingFile)}, by name, for telling
   * whether a checkpoint belongs to this run.
   */
  public Map<String, Object> deciding(EncoderKind kind) {
    Map<String, Object> map = asMap(kind);
    map.keySet().removeAll(CheckpointArguments.NAMES);
    map.remove("prompts"); // which decide by what each column gets
    if (kind == EncoderKind.SPARSE) {
      splade.addDeciding(map);
    }
    return map;
  }

  /** Before each column of a file. */
  public List<String> prompts(TrainingFile file) {
    return prompts == null ? List.of("") : prompts.of(file);
  }
}
