package org.semlux.encoders.batch;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Requests of which one needs what another gives. Thread-safe.
 *
 * {@snippet lang=java :
 * CompletableFuture<String> text = CompletableFuture.supplyAsync(() -> "a text");
 * CompletableFuture<Integer> length =
 *     InTurn.of(text, given -> CompletableFuture.completedFuture(given.length()));
 * length.cancel(false); // cancels whichever runs
 * }
 */
public final class InTurn {
  private InTurn() {}

  /** One step behind another, such as encoding behind cutting; who ends it early cancels either. */
  public static <A, B> CompletableFuture<B> of(
      CompletableFuture<A> first, Function<A, CompletableFuture<? extends B>> next) {
    CompletableFuture<B> answer = new CompletableFuture<>();
    var unused =
        first.whenComplete(
            (value, failure) -> {
              if (failure != null) {
                answer.completeExceptionally(failure);
              } else if (!answer.isDone()) {
                complete(answer, () -> next.apply(value));
              }
            });
    cancelWith(answer, first);
    return answer;
  }

  private static <B> void complete(
      CompletableFuture<B> answer, Supplier<CompletableFuture<? extends B>> next) {
    try {
      CompletableFuture<? extends B> second = next.get();
      var unused =
          second.whenComplete(
              (value, failure) -> {
                if (failure != null) {
                  answer.completeExceptionally(failure);
                } else {
                  answer.complete(value);
                }
              });
      cancelWith(answer, second);
    } catch (
        Throwable e) { // of a step behind another's future, which would keep an error to itself
      answer.completeExceptionally(e);
    }
  }

  private static void cancelWith(CompletableFuture<?> answer, CompletableFuture<?> step) {
    var unused =
        answer.whenComplete(
            (value, failure) -> {
              if (failure != null) { // of the step itself, or the answer was given up
                step.cancel(false);
              }
            });
  }
}
