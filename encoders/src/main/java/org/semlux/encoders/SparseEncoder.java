package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.semlux.encoders.folder.Router;
import org.semlux.encoders.load.Answers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
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
  private record Lane(SparseRoute route, EncoderQueue<Terms> queue) {}

  private final EncoderInfo info;
  private final Prompts prompts;
  private final Router router;
  private final int mostTerms; // that the folder's max_active_dims leaves
  private final Map<String, Lane> lanes; // routes of the same modules share one

  private SparseEncoder(
      ModelFolder folder, Router router, Map<String, SparseRoute> routes, EncoderOptions options)
      throws IOException {
    this.router = router;
    this.prompts = Prompts.of(folder);
    this.mostTerms =
        folder.settings().getInt("max_active_dims", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
    List<SparseRoute> distinct = routes.values().stream().distinct().toList();
    // Of the widest route: an inference-free one tells nothing of the network's limits.
    SparseRoute main =
        distinct.stream().max((a, b) -> Long.compare(a.parameters(), b.parameters())).orElseThrow();
    this.info =
        new EncoderInfo(
            folder.name(),
            EncoderKind.SPARSE,
            main.dimensions(),
            main.maxTokens(),
            main.precision(),
            FastestPrecision.SERVING.reason(options.precision(), main.precision()),
            distinct.stream().mapToLong(SparseRoute::parameters).sum(),
            distinct.stream().mapToLong(SparseRoute::bytes).sum(),
            main.productsPerToken(),
            List.of());
    Map<SparseRoute, Lane> byRoute = new HashMap<>();
    for (SparseRoute route : distinct) {
      byRoute.put(
          route,
          new Lane(route, new EncoderQueue<>(info.name(), route::encode, options, route::close)));
    }
    this.lanes = new LinkedHashMap<>();
    routes.forEach((name, route) -> lanes.put(name, byRoute.get(route)));
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static SparseEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Router router = Router.of(folder);
    Map<List<ModelFolder.Module>, SparseRoute> loaded = new HashMap<>();
    boolean probed = false;
    try {
      Map<String, SparseRoute> routes = new LinkedHashMap<>();
      for (Map.Entry<String, ModelFolder> route : router.routes().entrySet()) {
        List<ModelFolder.Module> modules = route.getValue().modules();
        if (!loaded.containsKey(modules)) {
          loaded.put(modules, SparseRoute.load(route.getValue(), options));
        }
        routes.put(route.getKey(), loaded.get(modules));
      }
      if (options.precision() == Precision.INT8
          && routes.values().stream().noneMatch(route -> route.precision() == Precision.INT8)) {
        throw ModelException.of(
            folder.name(), "it has no precision int8: it looks terms up and multiplies nothing");
      }
      SparseEncoder encoder = new SparseEncoder(folder, router, routes, options);
      loaded.values().forEach(encoder::probe);
      probed = true;
      return encoder;
    } finally {
      if (!probed) {
        loaded.values().forEach(SparseRoute::close);
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
      Lane lane = lanes.get(router.route(request.inputType()));
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
    Lane lane = lanes.get(router.route(Optional.of(type)));
    Tokenizer tokenizer = lane.route.tokenizer().of(Optional.of(type));
    return lane.queue.tokenStarts(tokenizer, prompts.ofSide(type), text, enough);
  }

  @Override
  public List<TermWeights> encodeAll(EncodeRequest request) {
    EncoderQueue<Terms> queue = lanes.get(router.route(request.inputType())).queue;
    return queue.inSlices(
        request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public EncoderStats stats() {
    return distinctLanes().stream()
        .map(lane -> lane.queue.stats())
        .reduce(EncoderStats::plus)
        .orElseThrow();
  }

  private List<Lane> distinctLanes() {
    return lanes.values().stream().distinct().toList();
  }

  @Override
  public void close() {
    distinctLanes().forEach(lane -> lane.queue.close());
  }
}
