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
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.batch.BatchRequest;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Answers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.network.ScoreHead;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.TextPairs;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/**
 * A cross-encoder: reads two texts together and scores them, slower and better than comparing
 * vectors. Loaded from a model folder, thread-safe.
 */
public final class CrossEncoder implements Encoder {
  private final EncoderInfo info;
  private final LoadedModel model;
  private final TextPairs pairs;
  private final String prompt;
  private final EncoderQueue<PairScore> queue;

  private CrossEncoder(
      ModelFolder folder,
      LoadedModel model,
      TextPairs pairs,
      List<String> labels,
      EncoderOptions options)
      throws IOException {
    this.info =
        new EncoderInfo(
            folder.name(),
            EncoderKind.CROSS,
            labels.size(),
            model.tokenizer().maxTokens(),
            model.precision(),
            FastestPrecision.SERVING.reason(options.precision(), model.precision()),
            model.weights().size(),
            model.weights().bytes(),
            model.weights().productsPerToken(),
            labels);
    this.model = model;
    this.pairs = pairs;
    this.prompt = Prompts.of(folder).resolve(EncodeRequest.of(List.of()));
    this.queue = new EncoderQueue<>(info.name(), this::run, options, model::close);
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
    LoadedModel model =
        LoadedModel.load(folder, network, head, options.precision(), options.calibration());
    try {
      TextPairs pairs = TextPairs.of(folder.name(), model.tokenizer());
      CrossEncoder encoder = new CrossEncoder(folder, model, pairs, head.labels(), options);
      encoder.probe();
      return encoder;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private void probe() {
    Answers.probe(
        info.name(),
        Answers.probes(info.maxTokens(), info.productsPerToken()).stream()
            .map(text -> pairs.tokenize("a text", text)),
        this::run,
        this::finite);
  }

  private PairScore finite(PairScore score) {
    Answers.requireFinite(info.name(), score.scores());
    Answers.requireFinite(info.name(), score.raw());
    return score;
  }

  /**
   * Scores a request's pairs, in their order. Equal pairs are scored once and get the same answer.
   *
   * @return one score a pair; fails with {@link QueueFullException} when the queue has no room,
   *     {@link java.util.concurrent.TimeoutException} past the deadline, {@link
   *     EncoderClosedException}. Completes on the callback executor
   */
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
      inputs.add(() -> Optional.of(tokenize(pair, request.longTexts())));
      bytes += bytes(pair);
    }
    return queue.submit(
        new BatchRequest<>(
            inputs, bytes, request.priority(), request.deadline(), this::finite, PairScore::max));
  }

  private static long bytes(TextPair pair) {
    return EncoderQueue.bytes(pair.first()) + EncoderQueue.bytes(pair.second());
  }

  private List<Tokens> tokenize(TextPair pair, LongTexts longTexts) {
    String first = prompt + pair.first();
    return switch (longTexts) {
      case TRUNCATE -> List.of(pairs.tokenize(first, pair.second()));
      case WINDOWS -> pairs.windows(first, pair.second());
    };
  }

  private List<PairScore> run(List<Tokens> sequences) {
    try (NativeScope scope = new NativeScope()) {
      float[] rows = scope.toFloats(model.encode(TokenBatch.of(sequences), scope));
      List<PairScore> scores = new ArrayList<>(sequences.size());
      int labels = info.dimensions();
      Answers.requireCount(info.name(), rows, sequences.size(), 2L * labels);
      for (int i = 0; i < sequences.size(); i++) {
        int row = 2 * labels * i;
        scores.add(
            new PairScore(
                Arrays.copyOfRange(rows, row, row + labels),
                Arrays.copyOfRange(rows, row + labels, row + 2 * labels),
                sequences.get(i).span()));
      }
      return scores;
    }
  }

  /** Scores pairs and waits, however many there are. */
  public List<PairScore> score(List<TextPair> list) {
    return scoreAll(ScoreRequest.of(list));
  }

  /** Scores one query against many texts and waits; the scores are in the order of the texts. */
  public List<PairScore> score(String query, List<String> texts) {
    return scoreAll(ScoreRequest.of(query, texts));
  }

  /**
   * Scores any number of pairs and waits. They are handed over in slices, so that the queue takes
   * them.
   *
   * @throws QueueFullException when others keep the queue full
   */
  public List<PairScore> scoreAll(ScoreRequest request) {
    return queue.inSlices(
        request.pairs(), CrossEncoder::bytes, slice -> submit(request.withPairs(slice)));
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public EncoderStats stats() {
    return queue.stats();
  }

  @Override
  public void close() {
    queue.close();
  }
}
