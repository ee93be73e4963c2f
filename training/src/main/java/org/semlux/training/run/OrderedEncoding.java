package org.semlux.training.run;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.semlux.encoders.api.QueueFullException;

/**
 * Feeds any number of texts, or pairs of them, to an encoder and hands out the answers in their
 * order. Some thousand texts are on their way at a time, so that the encoder always finds full
 * batches of similar length and memory stays bounded. Not thread-safe.
 *
 * {@snippet lang=java :
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), EncoderOptions.defaults());
 *     Stream<String> texts = Files.lines(Path.of("texts.txt"))) {
 *   OrderedEncoding<String, DenseVector> encoding =
 *       new OrderedEncoding<>(
 *           String::length,
 *           slice -> encoder.submit(EncodeRequest.of(slice)),
 *           vectors -> System.out.println(vectors.size() + " more"));
 *   for (String text : (Iterable<String>) texts::iterator) {
 *     encoding.add(text);
 *   }
 *   encoding.finish();
 * }
 * }
 *
 * @param <T> a text or a pair
 * @param <R> one text's answer
 */
public final class OrderedEncoding<T, R> {
  private static final int SLICE_TEXTS = 256;
  private static final int SLICE_CHARACTERS = 1 << 20;
  private static final int SLICES_AHEAD = 16;

  /** Takes answers, in the order of the texts. */
  public interface Sink<R> {
    void accept(List<R> answers) throws IOException;
  }

  private final ToIntFunction<T> length;
  private final Function<List<T>, CompletableFuture<List<R>>> submit;
  private final Sink<R> sink;
  private final Deque<CompletableFuture<List<R>>> ahead = new ArrayDeque<>();
  private final List<T> slice = new ArrayList<>();
  private long characters;

  /**
   * @param length of a text in characters
   */
  public OrderedEncoding(
      ToIntFunction<T> length, Function<List<T>, CompletableFuture<List<R>>> submit, Sink<R> sink) {
    this.length = length;
    this.submit = submit;
    this.sink = sink;
  }

  /** The next text; may block until others are encoded. */
  public void add(T text) throws IOException {
    slice.add(text);
    characters += length.applyAsInt(text);
    if (slice.size() == SLICE_TEXTS || characters >= SLICE_CHARACTERS) {
      send();
    }
  }

  /** Waits until every text is encoded and handed out. */
  public void finish() throws IOException {
    if (!slice.isEmpty()) {
      send();
    }
    while (!ahead.isEmpty()) {
      receive();
    }
  }

  private void send() throws IOException {
    List<T> texts = List.copyOf(slice);
    slice.clear();
    characters = 0;
    CompletableFuture<List<R>> answers = submit.apply(texts);
    while (isRefused(answers) && !ahead.isEmpty()) {
      receive();
      answers = submit.apply(texts);
    }
    ahead.add(answers);
    if (ahead.size() > SLICES_AHEAD) {
      receive();
    }
  }

  private static boolean isRefused(CompletableFuture<?> answers) {
    return answers.isCompletedExceptionally()
        && answers.exceptionNow() instanceof QueueFullException;
  }

  private void receive() throws IOException {
    try {
      sink.accept(ahead.remove().join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException reason) {
        throw reason;
      }
      throw e;
    }
  }
}
