package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.Routes;
import org.semlux.encoders.load.RowModel;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * A bi-encoder: one vector a text. Queries and documents may go different ways. Loaded from a model
 * folder, thread-safe.
 *
 * {@snippet lang=java :
 * try (DenseEncoder encoder =
 *     DenseEncoder.load(Path.of("all-MiniLM-L6-v2"), EncoderOptions.defaults())) {
 *   List<DenseVector> vectors = encoder.encode(List.of("Who plays?"), InputType.QUERY);
 *   float[] question = vectors.get(0).values(); // encoder.info().dimensions() numbers, here 384
 * }
 * }
 */
public final class DenseEncoder implements TextEncoder<DenseVector> {
  /** A route. */
  private record Lane(RowModel model, DenseHead head) {
    static Lane load(ModelFolder folder, EncoderOptions options) throws IOException {
      Network network = Networks.of(folder);
      DenseHead head = DenseHead.of(folder, network);
      boolean rounds = options.precision() == Precision.INT8; // word vectors beside it do not
      RowModel model =
          RowModel.load(
              folder,
              network,
              head,
              tokens -> head.dimensions(),
              tokenizer -> tokenizer::tokenize,
              rounds ? options.withPrecision(network.precision(Precision.INT8)) : options);
      return new Lane(model, head);
    }

    EncoderInfo info() {
      return model.info(EncoderKind.DENSE, head.dimensions(), List.of());
    }

    void close() {
      model.queue().close();
    }
  }

  private final EncoderInfo info;
  private final Prompts prompts;
  private final Routes<Lane> lanes;

  private DenseEncoder(Prompts prompts, Routes<Lane> lanes) {
    this.prompts = prompts;
    this.lanes = lanes;
    List<EncoderInfo> infos = lanes.distinct().stream().map(Lane::info).toList();
    // Of the one that computes most: word vectors tell nothing of a network's precision.
    EncoderInfo main =
        infos.stream().max(Comparator.comparingLong(EncoderInfo::productsPerToken)).orElseThrow();
    this.info =
        main.withWeights(
                lanes.parameters(lane -> lane.model.tensors()),
                infos.stream().mapToLong(EncoderInfo::bytes).sum())
            .withMaxTokens(maxTokens(InputType.DOCUMENT, main), maxTokens(InputType.QUERY, main));
  }

  private int maxTokens(InputType type, EncoderInfo otherwise) {
    return lanes.maxTokens(type, lane -> lane.model.tokenizer()).orElse(otherwise.maxTokens());
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static DenseEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    DenseHead.requireOneLength(folder);
    Prompts prompts = Prompts.of(folder);
    Routes<Lane> lanes = Routes.load(folder, route -> Lane.load(route, options), Lane::close);
    boolean loaded = false;
    try {
      DenseEncoder encoder = new DenseEncoder(prompts, lanes);
      Precision precision = encoder.info.precision();
      if (options.precision() == Precision.INT8 && precision != Precision.INT8) {
        throw ModelException.of(
            folder.name(), "it has no precision int8, all it computes in is " + precision);
      }
      loaded = true;
      return encoder;
    } finally {
      if (!loaded) {
        lanes.distinct().forEach(Lane::close);
      }
    }
  }

  @Override
  public CompletableFuture<List<DenseVector>> submit(EncodeRequest request) {
    try {
      String prompt = prompts.resolve(request);
      Lane lane = lanes.of(request.inputType());
      Tokenizer tokenizer = lane.model.tokenizer().of(request.inputType());
      boolean poolsPrompt = lane.head.pooling().includePrompt();
      return lane.model
          .queue()
          .submit(
              request,
              text -> reading(tokenizer, prompt, poolsPrompt, text),
              row -> new DenseVector(lane.model.finite(row)));
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Supplier<Optional<Tokens>> reading(
      Tokenizer tokenizer, String prompt, boolean poolsPrompt, String text) {
    if (prompt.isEmpty()) {
      return tokenizer.reading(text);
    }
    Supplier<Optional<Tokens>> reading = tokenizer.reading(prompt + text);
    return poolsPrompt
        ? reading
        : () -> reading.get().map(tokens -> tokens.withPrompt(tokenizer.prefixLength(prompt)));
  }

  @Override
  public TokenStarts tokenStarts(String text, InputType type, int enough) {
    RowModel model = lanes.of(Optional.of(type)).model;
    Tokenizer tokenizer = model.tokenizer().of(Optional.of(type));
    return model.queue().tokenStarts(tokenizer, prompts.ofSide(type), text, enough);
  }

  @Override
  public List<DenseVector> encodeAll(EncodeRequest request) {
    return lanes
        .of(request.inputType())
        .model
        .queue()
        .inSlices(request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public EncoderStats stats() {
    return lanes.distinct().stream()
        .map(lane -> lane.model.queue().stats())
        .reduce(EncoderStats::plus)
        .orElseThrow();
  }

  @Override
  public void close() {
    lanes.distinct().forEach(Lane::close);
  }

  @Override
  public CompletableFuture<Void> released() {
    return lanes.released(lane -> lane.model.queue());
  }
}
