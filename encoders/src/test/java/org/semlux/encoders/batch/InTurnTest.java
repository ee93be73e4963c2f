package org.semlux.encoders.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InTurnTest {
  /** A bulk waits for every answer: a future keeps what a step behind it throws to itself. */
  @Test
  void anErrorInASecondStepIsAnAnswer() {
    CompletableFuture<String> first = new CompletableFuture<>();
    CompletableFuture<String> both =
        InTurn.of(
            first,
            given -> {
              throw new OutOfMemoryError("Java heap space");
            });
    first.complete("cut");
    assertThat(both).isDone();
    assertThatThrownBy(both::join).hasRootCauseInstanceOf(OutOfMemoryError.class);
  }

  /** One behind the other would take the stack of the thread that answers the first. */
  @Test
  void manyBehindOneThatIsWaitedForAreAnswered() {
    CompletableFuture<Integer> first = new CompletableFuture<>();
    List<Integer> steps = IntStream.range(0, 100_000).boxed().toList();
    CompletableFuture<List<Integer>> all =
        InTurn.each(steps, i -> i == 0 ? first : CompletableFuture.completedFuture(i));
    assertThat(all).isNotDone();
    first.complete(0);
    assertThat(all.join()).isEqualTo(steps);
  }

  @Test
  void whatFailsOrIsGivenUpEndsThem() {
    List<Integer> asked = new ArrayList<>();
    CompletableFuture<Integer> second = new CompletableFuture<>();
    Function<Integer, CompletableFuture<Integer>> ask =
        i -> {
          asked.add(i);
          return i == 2 ? second : CompletableFuture.completedFuture(i);
        };
    CompletableFuture<List<Integer>> all = InTurn.each(List.of(1, 2, 3), ask);
    all.cancel(false);
    assertThat(second).isCancelled();
    CompletableFuture<List<Integer>> failed = InTurn.each(List.of(1, 2, 3), ask);
    assertThat(failed).isCompletedExceptionally();
    assertThat(asked).containsExactly(1, 2, 1, 2);
  }
}
