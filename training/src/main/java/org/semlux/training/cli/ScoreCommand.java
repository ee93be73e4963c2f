package org.semlux.training.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.training.data.TextLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code semlux score}: a pair of texts a line in, a JSON object a line out. */
@Command(
    name = "score",
    description = {
      "Scores pairs of texts with a cross-encoder or a multi-vector model (ColBERT).",
      "",
      "Every line of the input is one pair, a JSON array of two strings. Every line of the output is"
          + " one JSON object, in the same order: {\"score\":s,\"raw\":r}, where r is the score before"
          + " the model's last activation; a multi-vector model, which takes the first text for the"
          + " query, has none. Of a model with several labels both are arrays, in the"
          + " order of the labels.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux score --model models/reranker --input pairs.jsonl --output scores.jsonl",
      "  echo '[\"How do I reset my password?\",\"Choose a new one on the account page.\"]' | \\",
      "      semlux score --model models/reranker --input -"
    })
final class ScoreCommand implements Callable<Integer> {
  @Mixin ModelOptions model;
  @Mixin LineOptions stream;

  @Override
  public Integer call() throws IOException {
    try (TextLines lines = stream.open(model)) {
      if (!PairScorer.isIn(model.kind())) {
        throw model.unsuited("which encodes single texts: use semlux encode");
      }
      score(lines);
    }
    return 0;
  }

  private void score(TextLines lines) throws IOException {
    try (PairScorer encoder = PairScorer.load(model.folder, model.options())) {
      stream.answer(
          lines,
          LineFormat.ofPairs(
              pairs -> encoder.submit(ScoreRequest.of(pairs).withPriority(Priority.INGEST)),
              ScoreCommand::append));
    }
  }

  private static void append(StringBuilder text, PairScore score) {
    text.append("{\"score\":").append(json(score.scores()));
    text.append(",\"raw\":").append(json(score.raw())).append('}');
  }

  /** Numbers in the fewest digits that read back as the same float32. */
  private static String json(float[] labels) {
    return labels.length == 1
        ? Float.toString(labels[0])
        : Arrays.toString(labels).replace(" ", "");
  }
}
