package org.semlux.encoders.load;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.encoders.batch.BatchQueue;
import org.semlux.encoders.batch.BatchRequest;
import org.semlux.encoders.text.Reading;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokens;

/**
 * What every kind of encoder does with its callers' texts: counts their bytes, queues them, and
 * feeds a blocking call of any size in slices. Thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * try (Tokenizer tokenizer = Tokenizers.of(folder, network);
 *     EncoderQueue<Integer> queue =
 *         new EncoderQueue<>(
 *             "lengths", // a model that tells how many tokens a text has
 *             batch -> batch.stream().map(Tokens::length).toList(),
 *             EncoderOptions.defaults(),
 *             () -> {})) {
 *   EncodeRequest request = EncodeRequest.of(List.of("a text", "another one"));
 *   System.out.println(queue.submit(request, tokenizer::reading, length -> length).join());
 * }
 * }
 *
 * @param <R> what the model gives a sequence
 */
public final class EncoderQueue<R> implements AutoCloseable {
  /** Texts of a blocking call that are handed over at once: many batches to choose from. */
  private static final int SLICE = 1_024;

  private final BatchQueue<R> queue;
  private final long queueBytes;
  private final CompletableFuture<Void> released = new CompletableFuture<>();

  /**
   * @param encode answers for sequences sorted by length; runs on compute threads
   * @param model closed once nothing uses it any more
   */
  public EncoderQueue(
      String name, Function<List<Tokens>, List<R>> encode, EncoderOptions options, Runnable model) {
    queue =
        new BatchQueue<>(
            name,
            encode,
            options.workers(),
            options.limits(),
            options.log(),
            () -> {
              try {
                model.run();
              } finally {
                released.complete(null);
              }
            });
    queueBytes = options.limits().queueBytes();
  }

  /**
   * Queues a request's texts, one sequence each.
   *
   * @param tokenize begins to read a text, see {@link Tokenizer#reading}
   * @param finish a caller's answer of what the model gave; runs on a compute thread
   */
  public <A> CompletableFuture<List<A>> submit(
      EncodeRequest request,
      Function<String, Supplier<Optional<Tokens>>> tokenize,
      Function<R, A> finish) {
    List<Supplier<Optional<List<Tokens>>>> inputs = new ArrayList<>(request.texts().size());
    long bytes = 0;
    for (String text : request.texts()) {
      inputs.add(Reading.later(() -> tokenize.apply(text)).map(List::of));
      bytes += bytes(text);
    }
    return queue.submit(
        new BatchRequest<>(
            inputs,
            bytes,
            request.priority(),
            request.deadline(),
            (text, got) -> finish.apply(got),
            (first, second) -> {
              throw new IllegalStateException("a text became several sequences");
            }));
  }

  public <A> CompletableFuture<List<A>> submit(BatchRequest<R, A> request) {
    return queue.submit(request);
  }

  /**
   * Where a text's tokens begin, and how many of them the model reads behind a prompt.
   *
   * @param enough how many tokens the caller will look at
   * @throws org.semlux.encoders.api.EncoderClosedException when the model was closed
   */
  public TokenStarts tokenStarts(Tokenizer tokenizer, String prompt, String text, int enough) {
    return queue.whileOpen(
        () -> {
          int taken = tokenizer.tokenize(prompt).length();
          return new TokenStarts(
              tokenizer.placed(text, enough).starts(), Math.max(1, tokenizer.maxTokens() - taken));
        });
  }

  /** What a text takes of the queue's bound. */
  public static long bytes(String text) {
    return 2L * text.length() + 64; // and what waiting costs beside the text
  }

  /** The same of a pair. */
  public static long bytes(TextPair pair) {
    return bytes(pair.first()) + bytes(pair.second());
  }

  /**
   * Submits any number of items and waits. They are handed over in slices: two of them and some
   * room for others fit into the queue.
   *
   * @throws QueueFullException when others keep the queue full
   */
  public <T, A> List<A> inSlices(
      List<T> items,
      ToLongFunction<T> bytes,
      Function<List<T>, CompletableFuture<List<A>>> submit) {
    List<A> answers = new ArrayList<>(items.size());
    Deque<CompletableFuture<List<A>>> running = new ArrayDeque<>();
    int from = 0;
    while (from < items.size() || !running.isEmpty()) {
      if (from < items.size() && running.size() < 2) {
        int to = sliceEnd(items, bytes, from);
        running.add(submit.apply(items.subList(from, to)));
        from = to;
      } else {
        answers.addAll(join(running.remove()));
      }
    }
    return answers;
  }

  private <T> int sliceEnd(List<T> items, ToLongFunction<T> bytes, int from) {
    long sum = 0;
    int to = from;
    while (to < items.size() && to - from < SLICE && sum < queueBytes / 4) {
      sum += bytes.applyAsLong(items.get(to++));
    }
    return to;
  }

  private static <A> A join(CompletableFuture<A> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  public EncoderStats stats() {
    return queue.stats();
  }

  @Override
  public void close() {
    queue.close();
  }

  /** Completes once the model has been closed, on the thread that did so. */
  public CompletableFuture<Void> released() {
    return released.copy();
  }
}
