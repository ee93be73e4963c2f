package org.semlux.encoders;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.semlux.encoders.batch.BatchQueue;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.network.DenseHead;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/** A bi-encoder: one vector a text. Loaded from a model folder, thread-safe. */
public final class DenseEncoder implements Encoder {
  /** Texts of a blocking call that are handed over at once: many batches to choose from. */
  private static final int SLICE = 1_024;

  private final EncoderInfo info;
  private final LoadedModel model;
  private final Prompts prompts;
  private final boolean poolsPrompt;
  private final BatchQueue<DenseVector> queue;
  private final long queueBytes;

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
            model.weights().size());
    this.model = model;
    this.prompts = Prompts.of(folder);
    this.poolsPrompt = head.pooling().includePrompt();
    this.queueBytes = options.limits().queueBytes();
    this.queue =
        new BatchQueue<>(info.name(), this::run, options.workers(), options.limits(), model::close);
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
    LoadedModel model = LoadedModel.load(folder, network, head, options.precision());
    return new DenseEncoder(folder, model, head, options);
  }

  /**
   * Encodes a request's texts, in their order.
   *
   * @return one vector a text; fails with {@link QueueFullException} when the queue has no room,
   *     {@link java.util.concurrent.TimeoutException} past the deadline, {@link ModelException} for
   *     an unknown prompt, {@link EncoderClosedException}. Completes on the callback executor
   */
  public CompletableFuture<List<DenseVector>> submit(EncodeRequest request) {
    String prompt;
    try {
      prompt = prompts.resolve(request);
    } catch (ModelException e) {
      return CompletableFuture.failedFuture(e);
    }
    List<Supplier<Tokens>> inputs = new ArrayList<>(request.texts().size());
    long bytes = 0;
    for (String text : request.texts()) {
      inputs.add(() -> tokenize(prompt, text));
      bytes += bytes(text);
    }
    return queue.submit(inputs, bytes, request.priority(), request.deadline());
  }

  private static long bytes(String text) {
    return 2L * text.length() + 64; // and what waiting costs beside the text
  }

  private Tokens tokenize(String prompt, String text) {
    if (prompt.isEmpty()) {
      return model.tokenizer().tokenize(text);
    }
    Tokens tokens = model.tokenizer().tokenize(prompt + text);
    return poolsPrompt ? tokens : tokens.withPrompt(model.tokenizer().prefixLength(prompt));
  }

  private List<DenseVector> run(List<Tokens> sequences) {
    try (NativeScope scope = new NativeScope()) {
      float[] rows = scope.toFloats(model.encode(TokenBatch.of(sequences), scope));
      List<DenseVector> vectors = new ArrayList<>(sequences.size());
      int dimensions = info.dimensions();
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
    List<DenseVector> vectors = new ArrayList<>(request.texts().size());
    Deque<CompletableFuture<List<DenseVector>>> running = new ArrayDeque<>();
    List<String> texts = request.texts();
    int from = 0;
    while (from < texts.size() || !running.isEmpty()) {
      if (from < texts.size() && running.size() < 2) {
        int to = sliceEnd(texts, from);
        running.add(submit(request.withTexts(texts.subList(from, to))));
        from = to;
      } else {
        vectors.addAll(join(running.remove()));
      }
    }
    return vectors;
  }

  /** Two slices and some room for others fit into the queue. */
  private int sliceEnd(List<String> texts, int from) {
    long bytes = 0;
    int to = from;
    while (to < texts.size() && to - from < SLICE && bytes < queueBytes / 4) {
      bytes += bytes(texts.get(to++));
    }
    return to;
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
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
