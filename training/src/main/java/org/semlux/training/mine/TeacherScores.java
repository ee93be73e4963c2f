package org.semlux.training.mine;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.run.ModelRun;
import org.semlux.training.run.OrderedEncoding;
import org.semlux.training.run.Progress;

/**
 * What a scorer of pairs says of texts for queries; a stopped run finds what was done.
 *
 * {@snippet lang=java :
 * TeacherScores teacher =
 *     new TeacherScores(
 *         Path.of("reranker"),
 *         EncoderOptions.defaults(),
 *         false,
 *         Path.of("work"),
 *         new PrintWriter(System.err, true));
 * List<String> texts = List.of("A man plays.", "It rains.");
 * float[] scores = teacher.of(List.of(new TeacherScores.Asked("Who plays?", texts))).get(0); // two
 * }
 *
 * @param activated the scores after the model's last activation, else before it
 * @param work what is done lies there
 */
public record TeacherScores(
    Path model, EncoderOptions options, boolean activated, Path work, PrintWriter err) {
  private static final int BLOCK = 64;

  /** A query with texts. */
  public record Asked(String query, List<String> texts) {}

  /** The scores of each query's texts. */
  public List<float[]> of(List<Asked> asked) throws IOException {
    List<float[]> all = new ArrayList<>();
    ModelRun run = new ModelRun(model, options, err);
    long pairs = asked.stream().mapToLong(one -> one.texts().size()).sum();
    try (PairScorer encoder = run.loadScorer();
        Progress progress = new Progress(err, "Scoring", Progress.Unit.PAIRS, pairs)) {
      KeptNumbers kept =
          KeptNumbers.of(work, model, encoder.info(), options.calibration())
              .asked(activated ? "activated" : "raw");
      for (int first = 0; first < asked.size(); first += BLOCK) {
        List<Asked> block = asked.subList(first, Math.min(first + BLOCK, asked.size()));
        float[] scores = kept.of(texts(block), () -> scores(encoder, block));
        int at = 0;
        for (Asked one : block) {
          all.add(Arrays.copyOfRange(scores, at, at + one.texts().size()));
          at += one.texts().size();
        }
        progress.step(scores.length);
      }
    }
    return all;
  }

  /** All that decides the scores of a block. */
  private static List<String> texts(List<Asked> block) {
    List<String> texts = new ArrayList<>();
    for (Asked one : block) {
      texts.add(one.query());
      texts.add(Integer.toString(one.texts().size()));
      texts.addAll(one.texts());
    }
    return texts;
  }

  private float[] scores(PairScorer encoder, List<Asked> block) throws IOException {
    List<Float> scores = new ArrayList<>();
    OrderedEncoding<TextPair, PairScore> encoding =
        new OrderedEncoding<>(
            ModelRun::length,
            slice -> encoder.submit(ScoreRequest.of(slice).withPriority(Priority.INGEST)),
            answers ->
                answers.forEach(score -> scores.add(activated ? score.score() : score.raw()[0])));
    for (Asked one : block) {
      for (String text : one.texts()) {
        encoding.add(new TextPair(one.query(), text));
      }
    }
    encoding.finish();
    float[] all = new float[scores.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = scores.get(i);
    }
    return all;
  }
}
