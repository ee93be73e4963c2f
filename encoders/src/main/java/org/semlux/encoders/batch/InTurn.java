package org.semlux.encoders.batch;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Requests one behind another, since one needs what another gives or all at once would be too many.
 * Thread-safe.
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

  /**
   * One request behind another for each of many, which need nothing of each other. Those that are
   * answered at once take no stack from each other, however many they are.
   *
   * @param ask called with the next one when the one before is answered
   * @return the answers, in their order; the first failure ends it
   */
  public static <S, A> CompletableFuture<List<A>> each(
      Iterable<S> steps, Function<S, CompletableFuture<A>> ask) {
    CompletableFuture<List<A>> answer = new CompletableFuture<>();
    goOn(steps.iterator(), ask, new ArrayList<>(), answer);
    return answer;
  }

  private static <S, A> void goOn(
      Iterator<S> left,
      Function<S, CompletableFuture<A>> ask,
      List<A> found,
      CompletableFuture<List<A>> answer) {
    try {
      while (left.hasNext() && !answer.isDone()) {
        CompletableFuture<A> step = ask.apply(left.next());
        if (!step.isDone()) {
          var unused =
              step.whenComplete(
                  (value, failure) -> {
                    if (failure != null) {
                      answer.completeExceptionally(failure);
                    } else {
                      found.add(value);
                      goOn(left, ask, found, answer);
                    }
                  });
          cancelWith(answer, step);
          return;
        }
        found.add(step.join());
      }
      answer.complete(found);
    } catch (Throwable e) { // a future keeps to itself what its callback throws
      answer.completeExceptionally(e);
    }
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
