package org.semlux.training.mine;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
  /** Pairs whose scores are kept in one file. */
  private static final int BLOCK = 1024;

  /** A query with texts. */
  public record Asked(String query, List<String> texts) {}

  /** A pair, and where its score belongs. */
  private record Place(TextPair pair, float[] scores, int text) {}

  /** The scores of each query's texts. */
  public List<float[]> of(List<Asked> asked) throws IOException {
    List<float[]> all = asked.stream().map(one -> new float[one.texts().size()]).toList();
    List<Place> places = byText(asked, all);
    ModelRun run = new ModelRun(model, options, err);
    try (PairScorer encoder = run.loadScorer();
        Progress progress = new Progress(err, "Scoring", Progress.Unit.PAIRS, places.size())) {
      KeptNumbers kept =
          KeptNumbers.of(work, model, encoder.info(), options.calibration())
              .asked(activated ? "activated" : "raw");
      for (int first = 0; first < places.size(); first += BLOCK) {
        List<Place> block = places.subList(first, Math.min(first + BLOCK, places.size()));
        List<TextPair> pairs = block.stream().map(Place::pair).toList();
        List<String> texts =
            pairs.stream().flatMap(pair -> Stream.of(pair.first(), pair.second())).toList();
        float[] scores = kept.of(texts, () -> scores(encoder, pairs));
        for (int i = 0; i < scores.length; i++) {
          block.get(i).scores[block.get(i).text] = scores[i];
        }
        progress.step(scores.length);
      }
    }
    return all;
  }

  /**
   * All pairs, those of one text side by side: late interaction encodes a text once for all that
   * are scored with it at a time, and what is mined is found for many queries.
   */
  private static List<Place> byText(List<Asked> asked, List<float[]> scores) {
    Map<String, List<Place>> byText = new LinkedHashMap<>();
    for (int query = 0; query < asked.size(); query++) {
      List<String> texts = asked.get(query).texts();
      for (int text = 0; text < texts.size(); text++) {
        TextPair pair = new TextPair(asked.get(query).query(), texts.get(text));
        byText
            .computeIfAbsent(pair.second(), any -> new ArrayList<>())
            .add(new Place(pair, scores.get(query), text));
      }
    }
    return byText.values().stream().flatMap(List::stream).toList();
  }

  private float[] scores(PairScorer encoder, List<TextPair> pairs) throws IOException {
    List<Float> scores = new ArrayList<>();
    OrderedEncoding<TextPair, PairScore> encoding =
        new OrderedEncoding<>(
            ModelRun::length,
            slice -> encoder.submit(ScoreRequest.of(slice).withPriority(Priority.INGEST)),
            answers ->
                answers.forEach(score -> scores.add(activated ? score.score() : score.raw()[0])));
    for (TextPair pair : pairs) {
      encoding.add(pair);
    }
    encoding.finish();
    float[] all = new float[scores.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = scores.get(i);
    }
    return all;
  }
}
