package org.semlux.encoders.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
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
}
