package org.semlux.training.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.evaluate.EmbeddingSimilarityEvaluator;
import org.semlux.training.evaluate.Similarity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code semlux evaluate}: how well a model's similarities follow gold scores. */
@Command(
    name = "evaluate",
    description = {
      "Compares a model with gold scores of sentence pairs.",
      "",
      "Prints one JSON object: Pearson's and Spearman's correlation between the scores and the"
          + " similarity of the embeddings, under the names that sentence-transformers uses.",
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
          "Appends a row to DIR/eval/similarity_evaluation[_N]_results.csv. Default: no file.")
  Path output;

  @Option(
      names = "--similarity-fn-names",
      paramLabel = "FN",
      split = ",",
      defaultValue = "cosine,euclidean,manhattan,dot",
      description = "Similarities to compare by.")
  List<Similarity> similarities;

  @Mixin PairDataOptions pairData;

  @Override
  public Integer call() throws IOException {
    EmbeddingSimilarityEvaluator evaluator = new EmbeddingSimilarityEvaluator(name, similarities);
    List<ScoredPair> read = pairData.read(data);
    List<ScoredPair> pairs = ScoreScale.of(read, pairData.scoreScale).apply(read);
    double[] scores = pairs.stream().mapToDouble(ScoredPair::score).toArray();
    List<String> texts = new ArrayList<>();
    pairs.forEach(pair -> texts.add(pair.sentence1()));
    pairs.forEach(pair -> texts.add(pair.sentence2()));

    List<DenseVector> vectors = encode(texts);
    Map<String, Double> metrics =
        evaluator.evaluate(
            vectors.subList(0, scores.length),
            vectors.subList(scores.length, texts.size()),
            scores);
    if (output != null) {
      int outside = EmbeddingSimilarityEvaluator.NOT_TRAINING;
      evaluator.writeCsv(output.resolve("eval"), outside, outside, metrics);
    }
    spec.commandLine().getOut().println(json(metrics));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private List<DenseVector> encode(List<String> texts) throws IOException {
    List<DenseVector> vectors = new ArrayList<>(texts.size());
    try (DenseEncoder encoder = model.loadDense();
        Progress progress =
            new Progress(
                spec.commandLine().getErr(), "Encoding", Progress.Unit.TEXTS, texts.size())) {
      OrderedEncoding<DenseVector> encoding =
          new OrderedEncoding<>(
              slice -> encoder.submit(EncodeRequest.of(slice)),
              answers -> {
                vectors.addAll(answers);
                progress.step(answers.size());
              });
      for (String text : texts) {
        encoding.add(text);
      }
      encoding.finish();
    }
    return vectors;
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
