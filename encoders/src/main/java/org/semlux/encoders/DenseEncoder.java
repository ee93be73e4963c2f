package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.Answers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.EncoderQueue;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/** A bi-encoder: one vector a text. Loaded from a model folder, thread-safe. */
public final class DenseEncoder implements Encoder {
  private final EncoderInfo info;
  private final LoadedModel model;
  private final Prompts prompts;
  private final boolean poolsPrompt;
  private final EncoderQueue<DenseVector> queue;

  private DenseEncoder(
      ModelFolder folder, LoadedModel model, DenseHead head, EncoderOptions options)
      throws IOException {
    this.info =
        new EncoderInfo(
            folder.name(),
            EncoderKind.DENSE,
            head.dimensions(),
            model.tokenizer().maxTokens(),
            model.precision(),
            FastestPrecision.SERVING.reason(options.precision(), model.precision()),
            model.weights().size(),
            model.weights().bytes(),
            model.weights().productsPerToken(),
            List.of());
    this.model = model;
    this.prompts = Prompts.of(folder);
    this.poolsPrompt = head.pooling().includePrompt();
    this.queue = new EncoderQueue<>(info.name(), this::run, options, model::close);
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException when a file is missing or unreadable
   * @throws ModelException when the model cannot be used, saying what was expected and found
   */
  public static DenseEncoder load(Path path, EncoderOptions options) throws IOException {
    ModelFolder folder = ModelFolder.open(path);
    Network network = Networks.of(folder);
    DenseHead head = DenseHead.of(folder, network);
    LoadedModel model =
        LoadedModel.load(folder, network, head, options.precision(), options.calibration());
    try {
      DenseEncoder encoder = new DenseEncoder(folder, model, head, options);
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
            .map(model.tokenizer()::tokenize),
        this::run,
        this::finite);
  }

  private DenseVector finite(DenseVector vector) {
    Answers.requireFinite(info.name(), vector.values());
    return vector;
  }

  /**
   * Encodes a request's texts, in their order.
   *
   * @return one vector a text; fails with {@link QueueFullException} when the queue has no room,
   *     {@link java.util.concurrent.TimeoutException} past the deadline, {@link ModelException} for
   *     an unknown prompt, {@link EncoderClosedException}. Completes on the callback executor
   */
  public CompletableFuture<List<DenseVector>> submit(EncodeRequest request) {
    try {
      String prompt = prompts.resolve(request);
      Tokenizer tokenizer = model.tokenizer().of(request.inputType());
      return queue.submit(request, text -> reading(tokenizer, prompt, text), this::finite);
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Tokenizes a text on the calling thread, to see where its tokens begin.
   *
   * @param enough how many tokens the caller will look at: of a long text at least so many come
   *     back
   * @throws EncoderClosedException when the model was closed
   */
  public TokenStarts tokenStarts(String text, InputType type, int enough) {
    String prompt = prompts.resolve(EncodeRequest.of(List.of()).withInputType(type));
    return queue.whileOpen(
        () -> {
          Tokenizer tokenizer = model.tokenizer().of(Optional.of(type));
          int taken = tokenizer.tokenize(prompt).length();
          return new TokenStarts(
              tokenizer.placed(text, enough).starts(), Math.max(1, tokenizer.maxTokens() - taken));
        });
  }

  private Supplier<Optional<Tokens>> reading(Tokenizer tokenizer, String prompt, String text) {
    if (prompt.isEmpty()) {
      return tokenizer.reading(text);
    }
    Supplier<Optional<Tokens>> reading = tokenizer.reading(prompt + text);
    return poolsPrompt
        ? reading
        : () -> reading.get().map(tokens -> tokens.withPrompt(tokenizer.prefixLength(prompt)));
  }

  private List<DenseVector> run(List<Tokens> sequences) {
    try (NativeScope scope = new NativeScope()) {
      float[] rows = scope.toFloats(model.encode(TokenBatch.of(sequences), scope));
      List<DenseVector> vectors = new ArrayList<>(sequences.size());
      int dimensions = info.dimensions();
      Answers.requireCount(info.name(), rows, sequences.size(), dimensions);
      for (int i = 0; i < sequences.size(); i++) {
        vectors.add(
            new DenseVector(Arrays.copyOfRange(rows, i * dimensions, (i + 1) * dimensions)));
      }
      return vectors;
    }
  }

  /** Encodes texts and waits, however many there are. */
  public List<DenseVector> encode(List<String> texts) {
    return encodeAll(EncodeRequest.of(texts));
  }

  /** Encodes texts of one side of a search and waits. */
  public List<DenseVector> encode(List<String> texts, InputType type) {
    return encodeAll(EncodeRequest.of(texts).withInputType(type));
  }

  /**
   * Encodes any number of texts and waits. They are handed over in slices, so that the queue takes
   * them.
   *
   * @throws QueueFullException when others keep the queue full
   */
  public List<DenseVector> encodeAll(EncodeRequest request) {
    return queue.inSlices(
        request.texts(), EncoderQueue::bytes, texts -> submit(request.withTexts(texts)));
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
