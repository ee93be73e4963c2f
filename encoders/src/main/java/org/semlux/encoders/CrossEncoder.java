package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.batch.BatchRequest;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.RowModel;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.text.PairReader;
import org.semlux.encoders.text.Reading;
import org.semlux.encoders.text.Tokens;

/**
 * A cross-encoder: reads two texts together and scores them, slower and better than comparing
 * vectors. Loaded from a model folder, thread-safe.
 *
 * {@snippet lang=java :
 * try (CrossEncoder encoder =
 *     CrossEncoder.load(Path.of("ms-marco-MiniLM-L6-v2"), EncoderOptions.defaults())) {
 *   List<String> passages = List.of("A man plays.", "It rains.");
 *   List<PairScore> scores = encoder.score("Who plays?", passages); // in their order
 *   float best = scores.get(0).score(); // the first of encoder.info().labels(), here the only one
 * }
 * }
 */
public final class CrossEncoder extends RowEncoder implements PairScorer {
  private final PairReader pairs;

  private CrossEncoder(RowModel model, List<String> labels, PairReader pairs) {
    super(model, model.info(EncoderKind.CROSS, labels.size(), labels));
    this.pairs = pairs;
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static CrossEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Network network = Networks.of(folder);
    ScoreHead head = ScoreHead.of(folder, network);
    RowModel model =
        RowModel.load(
            folder,
            network,
            head,
            tokens -> 2 * head.labels().size(),
            tokenizer -> {
              PairReader pairs = PairReader.of(folder, tokenizer);
              return text -> pairs.tokenize("a text", text);
            },
            options);
    CrossEncoder encoder = null;
    try {
      encoder = new CrossEncoder(model, head.labels(), PairReader.of(folder, model.tokenizer()));
      return encoder;
    } finally {
      if (encoder == null) {
        model.queue().close();
      }
    }
  }

  /** The scores, then the numbers before the last activation. */
  private PairScore score(RowModel.Row row) {
    float[] numbers = model.finite(row);
    int labels = info.dimensions();
    return new PairScore(
        Arrays.copyOf(numbers, labels),
        Arrays.copyOfRange(numbers, labels, 2 * labels),
        row.tokens().span());
  }

  /** Equal pairs are scored once and get the same answer. */
  @Override
  public CompletableFuture<List<PairScore>> submit(ScoreRequest request) {
    List<TextPair> distinct = request.pairs().stream().distinct().toList();
    if (distinct.size() == request.pairs().size()) {
      return submitDistinct(request);
    }
    Map<TextPair, Integer> places = new HashMap<>();
    distinct.forEach(pair -> places.put(pair, places.size()));
    var scores = submitDistinct(request.withPairs(distinct));
    var all =
        scores.thenApply(
            given -> request.pairs().stream().map(pair -> given.get(places.get(pair))).toList());
    var unused = all.whenComplete((given, failure) -> scores.cancel(false)); // if it was given up
    return all;
  }

  private CompletableFuture<List<PairScore>> submitDistinct(ScoreRequest request) {
    List<Supplier<Optional<List<Tokens>>>> inputs = new ArrayList<>(request.pairs().size());
    long bytes = 0;
    for (TextPair pair : request.pairs()) {
      inputs.add(Reading.later(() -> reading(pair, request.longTexts())));
      bytes += EncoderQueue.bytes(pair);
    }
    return model
        .queue()
        .submit(
            new BatchRequest<>(
                inputs,
                bytes,
                request.priority(),
                request.deadline(),
                (pair, row) -> score(row),
                PairScore::max));
  }

  private Reading<List<Tokens>> reading(TextPair pair, LongTexts longTexts) {
    return switch (longTexts) {
      case TRUNCATE -> pairs.reading(pair.first(), pair.second()).map(List::of);
      case WINDOWS -> pairs.readingWindows(pair.first(), pair.second());
    };
  }

  @Override
  public List<PairScore> scoreAll(ScoreRequest request) {
    return model
        .queue()
        .inSlices(request.pairs(), EncoderQueue::bytes, slice -> submit(request.withPairs(slice)));
  }
}
