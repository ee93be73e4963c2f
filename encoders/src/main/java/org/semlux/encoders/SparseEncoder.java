package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Answers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.Routes;
import org.semlux.encoders.load.SparseRoute;
import org.semlux.encoders.load.Terms;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;

/**
 * A learned sparse encoder: weights of vocabulary terms for a text, such as SPLADE's. Queries and
 * documents may go different ways. Loaded from a model folder, thread-safe.
 *
 * {@snippet lang=java :
 * try (SparseEncoder encoder =
 *     SparseEncoder.load(Path.of("splade-v3"), EncoderOptions.defaults())) {
 *   TermWeights terms = encoder.encode(List.of("Who plays?"), InputType.QUERY).get(0);
 *   for (int i = 0; i < terms.size(); i++) { // heaviest first
 *     System.out.println(terms.tokens()[i] + " weighs " + terms.weights()[i]);
 *   }
 * }
 * }
 */
public final class SparseEncoder implements TextEncoder<TermWeights> {
  /** A route and what waits before it. */
  private record Lane(SparseRoute route, EncoderQueue<Terms> queue) {
    static Lane load(ModelFolder folder, EncoderOptions options) throws IOException {
      SparseRoute route = SparseRoute.load(folder, options);
      return new Lane(
          route, new EncoderQueue<>(folder.name(), route::encode, options, route::close));
    }

    void close() {
      queue.close();
    }
  }

  private final EncoderInfo info;
  private final Prompts prompts;
  private final int mostTerms; // that the folder's max_active_dims leaves
  private final Routes<Lane> lanes;

  private SparseEncoder(ModelFolder folder, Routes<Lane> lanes, EncoderOptions options)
      throws IOException {
    this.prompts = Prompts.of(folder);
    this.mostTerms =
        folder.settings().getInt("max_active_dims", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
    this.lanes = lanes;
    List<SparseRoute> distinct = lanes.distinct().stream().map(Lane::route).toList();
    if (options.precision() == Precision.INT8
        && distinct.stream().noneMatch(route -> route.precision() == Precision.INT8)) {
      throw ModelException.of(
          folder.name(), "it has no precision int8: it looks terms up and multiplies nothing");
    }
    // Of the one that computes most: an inference-free one tells nothing of a network's precision.
    SparseRoute main =
        distinct.stream()
            .max(
                Comparator.comparingLong(SparseRoute::productsPerToken)
                    .thenComparing(SparseRoute::dimensions))
            .orElseThrow();
    this.info =
        new EncoderInfo(
            folder.name(),
            EncoderKind.SPARSE,
            main.dimensions(),
            maxTokens(InputType.DOCUMENT, main),
            maxTokens(InputType.QUERY, main),
            main.precision(),
            FastestPrecision.SERVING.reason(options.precision(), main.precision()),
            lanes.parameters(lane -> lane.route.tensors()),
            distinct.stream().mapToLong(SparseRoute::bytes).sum(),
            main.productsPerToken(),
            List.of());
  }

  private int maxTokens(InputType type, SparseRoute otherwise) {
    return lanes.maxTokens(type, lane -> lane.route.tokenizer()).orElse(otherwise.maxTokens());
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static SparseEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Routes<Lane> lanes = Routes.load(folder, route -> Lane.load(route, options), Lane::close);
    boolean probed = false;
    try {
      SparseEncoder encoder = new SparseEncoder(folder, lanes, options);
      lanes.distinct().forEach(lane -> encoder.probe(lane.route));
      probed = true;
      return encoder;
    } finally {
      if (!probed) {
        lanes.distinct().forEach(Lane::close);
      }
    }
  }

  private void probe(SparseRoute route) {
    Answers.probe(
        info.name(),
        Answers.probes(route.maxTokens()).stream().map(route.tokenizer()::tokenize),
        route::encode,
        this::finite);
  }

  private Terms finite(Terms terms) {
    Answers.requireFinite(info.name(), terms.weights());
    return terms;
  }

  @Override
  public CompletableFuture<List<TermWeights>> submit(EncodeRequest request) {
    try {
      String prompt = prompts.resolve(request);
      Lane lane = lanes.of(request.inputType());
      Tokenizer tokenizer = lane.route.tokenizer().of(request.inputType());
      return lane.queue.submit(
          request,
          text -> tokenizer.reading(prompt + text),
          terms ->
              finite(terms).largest(mostTerms).choose(lane.route.vocabulary(), request.terms()));
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public TokenStarts tokenStarts(String text, InputType type, int enough) {
    Lane lane = lanes.of(Optional.of(type));
    Tokenizer tokenizer = lane.route.tokenizer().of(Optional.of(type));
    return lane.queue.tokenStarts(tokenizer, prompts.ofSide(type), text, enough);
  }

  @Override
  public List<TermWeights> encodeAll(EncodeRequest request) {
    EncoderQueue<Terms> queue = lanes.of(request.inputType()).queue;
    return queue.inSlices(
        request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public EncoderStats stats() {
    return lanes.distinct().stream()
        .map(lane -> lane.queue.stats())
        .reduce(EncoderStats::plus)
        .orElseThrow();
  }

  @Override
  public void close() {
    lanes.distinct().forEach(Lane::close);
  }

  @Override
  public CompletableFuture<Void> released() {
    return lanes.released(lane -> lane.queue);
  }
}
