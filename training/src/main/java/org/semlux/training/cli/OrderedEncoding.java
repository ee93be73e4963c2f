package org.semlux.training.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.semlux.encoders.QueueFullException;

/**
 * Feeds any number of texts to an encoder and hands out the answers in their order. Some thousand
 * texts are on their way at a time, so that the encoder always finds full batches of similar length
 * and memory stays bounded. Not thread-safe.
 *
 * @param <R> one text's answer
 */
final class OrderedEncoding<R> {
  private static final int SLICE_TEXTS = 256;
  private static final int SLICE_CHARACTERS = 1 << 20;
  private static final int SLICES_AHEAD = 16;

  /** Takes answers, in the order of the texts. */
  interface Sink<R> {
    void accept(List<R> answers) throws IOException;
  }

  private final Function<List<String>, CompletableFuture<List<R>>> submit;
  private final Sink<R> sink;
  private final Deque<CompletableFuture<List<R>>> ahead = new ArrayDeque<>();
  private final List<String> slice = new ArrayList<>();
  private long characters;

  OrderedEncoding(Function<List<String>, CompletableFuture<List<R>>> submit, Sink<R> sink) {
    this.submit = submit;
    this.sink = sink;
  }

  /** The next text; may block until others are encoded. */
  void add(String text) throws IOException {
    slice.add(text);
    characters += text.length();
    if (slice.size() == SLICE_TEXTS || characters >= SLICE_CHARACTERS) {
      send();
    }
  }

  /** Waits until every text is encoded and handed out. */
  void finish() throws IOException {
    if (!slice.isEmpty()) {
      send();
    }
    while (!ahead.isEmpty()) {
      receive();
    }
  }

  private void send() throws IOException {
    List<String> texts = List.copyOf(slice);
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
