package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;

/**
 * A model that scores pairs of texts, and so brings a search's hits into an order. Thread-safe.
 *
 * {@snippet lang=java :
 * try (PairScorer scorer = PairScorer.load(Path.of("reranker"), EncoderOptions.defaults())) {
 *   List<String> hits = List.of("It rains.", "A man plays.");
 *   List<PairScore> scores = scorer.score("Who plays?", hits);
 *   int best = scores.get(1).score() > scores.get(0).score() ? 1 : 0;
 * }
 * }
 */
public sealed interface PairScorer extends Encoder permits CrossEncoder, MultiVectorEncoder {
  /** Whether models of a kind score pairs. */
  static boolean isIn(EncoderKind kind) {
    return kind == EncoderKind.CROSS || kind == EncoderKind.MULTI_VECTOR;
  }

  /**
   * Loads whatever model of pairs a folder holds.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, or scores no pairs
   */
  static PairScorer load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    return switch (folder.kind()) {
      case CROSS -> CrossEncoder.load(path, options);
      case MULTI_VECTOR -> MultiVectorEncoder.load(path, options);
      case DENSE, SPARSE ->
          throw ModelException.of(
              folder.name(), "it is a " + folder.kind() + " model, which scores no pairs");
    };
  }

  /**
   * Scores a request's pairs, in their order. Equal texts are read once.
   *
   * @return one score a pair; fails with {@link QueueFullException} when the queue has no room,
   *     {@link java.util.concurrent.TimeoutException} past the deadline, {@link
   *     EncoderClosedException}. Completes on the callback executor
   */
  CompletableFuture<List<PairScore>> submit(ScoreRequest request);

  /**
   * Scores any number of pairs and waits. They go in slices, so that the queue takes them.
   *
   * @throws QueueFullException when others keep the queue full
   */
  List<PairScore> scoreAll(ScoreRequest request);

  /** Scores pairs and waits, however many there are. */
  default List<PairScore> score(List<TextPair> list) {
    return scoreAll(ScoreRequest.of(list));
  }

  /** Scores one query against many texts and waits; the scores are in the order of the texts. */
  default List<PairScore> score(String query, List<String> texts) {
    return scoreAll(ScoreRequest.of(query, texts));
  }
}
