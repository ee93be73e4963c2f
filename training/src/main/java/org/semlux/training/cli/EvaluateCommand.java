package org.semlux.training.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.semlux.encoders.EncoderKind;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.evaluate.Similarity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux evaluate}: how well a model follows gold scores. */
@Command(
    name = "evaluate",
    description = {
      "Compares a model with gold scores of sentence pairs.",
      "",
      "Prints one JSON object: Pearson's and Spearman's correlation between the gold scores and the"
          + " similarity of the embeddings, or a cross-encoder's scores, under the names that"
          + " sentence-transformers uses. For sparse models also the mean number of terms.",
      ""
    },
    footer = {
      "",
      "The data: CSV, TSV (.tsv) or JSON lines (.jsonl), UTF-8, compressed by gzip (.gz) or not, with"
          + " the columns sentence1, sentence2 and score; CSV and TSV without header hold them in"
          + " this order.",
      "",
      "Examples:",
      "  semlux evaluate --model models/minilm --data stsb/test.csv --name sts-test",
      "  semlux evaluate --model models/minilm --data pairs.jsonl \\",
      "      --score-column label --output results"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "The pairs and their scores.")
  Path data;

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
          "Appends a row to DIR/eval/similarity_evaluation[_N]_results.csv, for a cross-encoder to"
              + " DIR/eval/CrossEncoderCorrelationEvaluator[_N]_results.csv. Default: no file.")
  Path output;

  @Option(
      names = "--similarity-fn-names",
      paramLabel = "FN",
      split = ",",
      description =
          "Similarities to compare by, of cosine, euclidean, manhattan and dot. Default: all for a"
              + " dense model; what its folder says, mostly dot, for a sparse one.")
  List<Similarity> similarities;

  @Mixin PairDataOptions pairData;

  @Override
  public Integer call() throws IOException {
    ModelFolder folder = ModelFolder.open(model.folder);
    if (folder.kind() == EncoderKind.CROSS && similarities != null) {
      throw model.unsuited("which has scores and no similarities: leave --similarity-fn-names out");
    }
    List<ScoredPair> read = pairData.read(data);
    List<ScoredPair> pairs = ScoreScale.of(read, pairData.scoreScale).apply(read);
    ModelEvaluation evaluation =
        new ModelEvaluation(model, name, Optional.ofNullable(output), spec.commandLine().getErr());
    Map<String, Double> metrics =
        switch (folder.kind()) {
          case DENSE -> evaluation.dense(pairs, similarities(folder));
          case SPARSE -> evaluation.sparse(pairs, similarities(folder));
          case CROSS -> evaluation.cross(pairs);
        };
    spec.commandLine().getOut().println(json(metrics));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private List<Similarity> similarities(ModelFolder folder) throws IOException {
    if (similarities != null) {
      return similarities;
    }
    return folder.kind() == EncoderKind.DENSE ? List.of(Similarity.values()) : List.of(own(folder));
  }

  /** The similarity that a sparse model was made for. */
  private static Similarity own(ModelFolder folder) throws IOException {
    String stored = folder.settings().getString("similarity_fn_name", "dot");
    return Arrays.stream(Similarity.values())
        .filter(similarity -> similarity.toString().equals(stored))
        .findFirst()
        .orElseThrow(
            () ->
                ModelException.of(
                    folder.name(),
                    "unknown similarity_fn_name [" + stored + "]: give --similarity-fn-names"));
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
