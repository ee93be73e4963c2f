package org.semlux.ingest.deployed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.Encoder;

class LoadedModelTest {
  /** Whoever closes the model waits for all that ask it. */
  @Test
  void anErrorInTheFirstStepEndsTheAsking() {
    LoadedModel model = new LoadedModel("tiny", (Encoder) null);
    CompletableFuture<?> answer =
        model.ask(
            asked -> {
              throw new AssertionError("a library's own");
            });
    assertThatThrownBy(answer::join).hasRootCauseInstanceOf(AssertionError.class);
    assertThat(model.asked()).hasValue(0);
  }
}
