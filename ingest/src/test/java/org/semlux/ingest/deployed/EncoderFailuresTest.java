package org.semlux.ingest.deployed;

import static org.assertj.core.api.Assertions.assertThat;

import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.EncoderClosedException;

class EncoderFailuresTest {
  @BeforeAll
  static void configureLogging() {
    LogConfigurator.configureESLogging();
  }

  /** The next try finds the model in its place, or is told that there is none. */
  @Test
  void whatAModelWasAskedAsItClosedIsToBeTriedAgain() {
    Exception said = EncoderFailures.withStatus("m", new EncoderClosedException("m"));
    assertThat(ExceptionsHelper.status(said)).isEqualTo(RestStatus.SERVICE_UNAVAILABLE);
    assertThat(said).hasMessage("model [m] was taken out of use while it was asked: try again");
  }

  @Test
  void whatALibraryThrewIsNotRepeated() {
    String program = "The following operation failed:\n  def encode(self):\n    return w[0]";
    Exception said = EncoderFailures.withStatus("m", new IllegalStateException(program));
    assertThat(ExceptionsHelper.status(said)).isEqualTo(RestStatus.INTERNAL_SERVER_ERROR);
    assertThat(said)
        .hasMessage("model [m] could not encode: IllegalStateException (more in the node's log)")
        .hasNoCause();
  }
}
