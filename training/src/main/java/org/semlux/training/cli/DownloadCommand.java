package org.semlux.training.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.hub.HubModel;
import org.semlux.training.hub.HubOptions;
import org.semlux.training.hub.ModelDownload;
import org.semlux.training.run.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code semlux download}: a model from a hub into a folder. */
@Command(
    name = "download",
    description = {
      "Downloads a model from the Hugging Face hub, or from one that speaks as it does.",
      "",
      "Only what a model needs comes: settings, tokenizer and weights in safetensors. A download"
          + " that was broken off goes on where it stopped when the command is run again. Every"
          + " file's hash is checked, and the folder appears when it is whole.",
      ""
    },
    footer = {
      "",
      "The environment variable HF_ENDPOINT names another hub, HF_TOKEN a token for private and"
          + " gated models; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY the way there.",
      "",
      "Examples:",
      "  semlux download sentence-transformers/all-MiniLM-L6-v2 --output models/minilm",
      "  semlux download BAAI/bge-small-en-v1.5 --output models/bge --revision refs/pr/1"
    })
final class DownloadCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(paramLabel = "ORG/NAME", description = "The model's name on the hub.")
  String id;

  @Option(names = "--output", paramLabel = "DIR", required = true, description = "The new folder.")
  Path output;

  @Option(
      names = "--revision",
      paramLabel = "R",
      defaultValue = "main",
      description = "A branch, a tag, a commit, or a reference such as refs/pr/1.")
  String revision;

  @Option(names = "--overwrite", description = "Replace the model that the output folder holds.")
  boolean overwrite;

  @Option(names = "--model-card", description = "Also the model's README.md.")
  boolean modelCard;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    ModelDownload.Request request =
        new ModelDownload.Request(model(), output, overwrite, modelCard);
    int files;
    try (ModelDownload download =
        ModelDownload.prepare(
            request, HubOptions.of(System.getenv()), notice -> err.println("semlux: " + notice))) {
      try (Progress progress =
          new Progress(err, "Downloading", Progress.Unit.MEGABYTES, download.bytes())) {
        download.run(progress::step);
      }
      files = download.files();
    }
    ModelFolder folder = ModelFolder.open(output);
    String modules =
        folder.modules().stream().map(ModelFolder.Module::type).collect(Collectors.joining(", "));
    err.println(output + ": " + folder.kind() + " model of " + modules + "; " + files + " files");
    AssumedPooling.tell(folder, err);
    return 0;
  }

  private HubModel model() {
    try {
      return new HubModel(id, revision);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
