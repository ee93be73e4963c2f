package org.semlux.training.sparsify;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/**
 * Runs a model over many texts on all cores. Batches are cut and handed out in an order that only
 * the texts decide, so that sums over them are always the same; a few are in memory at a time.
 *
 * @param tokens about how many make a batch
 * @param texts that a batch has at most
 */
record BatchRun(LoadedModel model, int tokens, int texts) {
  /** Takes an answer out of native memory; runs on a compute thread. */
  interface Reader<T> {
    T read(NativeScope scope, IValue answer);
  }

  /** Takes answers, one after the other. */
  interface Sink<T> {
    void accept(T answer, int texts);
  }

  private record Running<T>(CompletableFuture<T> answer, int texts) {}

  <T> void over(List<Tokens> texts, Reader<T> reader, Sink<T> sink) {
    Workers workers = Workers.shared();
    Deque<Running<T>> ahead = new ArrayDeque<>();
    try {
      for (List<Tokens> batch : batches(texts)) {
        if (ahead.size() > workers.parallelism()) {
          receive(ahead, sink);
        }
        ahead.add(
            new Running<>(
                CompletableFuture.supplyAsync(() -> run(batch, reader), workers.compute()),
                batch.size()));
      }
      while (!ahead.isEmpty()) {
        receive(ahead, sink);
      }
    } finally {
      // After an error the model may be closed only when nothing runs on it any more.
      ahead.forEach(running -> running.answer.handle((answer, error) -> answer).join());
    }
  }

  private static <T> void receive(Deque<Running<T>> ahead, Sink<T> sink) {
    Running<T> first = ahead.remove();
    try {
      sink.accept(first.answer.join(), first.texts);
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private <T> T run(List<Tokens> batch, Reader<T> reader) {
    try (NativeScope scope = new NativeScope()) {
      return reader.read(scope, model.encode(TokenBatch.of(batch), scope));
    }
  }

  /** Sorted by length, which makes attention cheap. */
  private List<List<Tokens>> batches(List<Tokens> texts) {
    List<Tokens> sorted = new ArrayList<>(texts);
    sorted.sort(Comparator.comparingInt(Tokens::length));
    List<List<Tokens>> batches = new ArrayList<>();
    int from = 0;
    int sum = 0;
    for (int i = 0; i < sorted.size(); i++) {
      sum += sorted.get(i).length();
      if (sum >= tokens || i + 1 - from == this.texts || i == sorted.size() - 1) {
        batches.add(sorted.subList(from, i + 1));
        from = i + 1;
        sum = 0;
      }
    }
    return batches;
  }
}
