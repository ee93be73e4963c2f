package org.semlux.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.rest.RestStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.TermWeights;

class EncoderCallsTest {
  @BeforeAll
  static void configureLogging() {
    LogConfigurator.configureESLogging();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void noNumberThatIsNonePasses(float bad) {
    float[] good = {0, -1.5f};
    float[] values = {1, bad};
    TermWeights terms = new TermWeights(new int[] {1, 2}, new String[] {"a", "b"}, values);
    assertThat(EncoderCalls.isFinite(List.of())).isTrue();
    assertThat(EncoderCalls.isFinite(List.of(new DenseVector(good)))).isTrue();
    assertThat(EncoderCalls.isFinite(new PairScore(good, good))).isTrue();
    assertThat(EncoderCalls.isFinite(List.of(new DenseVector(good), new DenseVector(values))))
        .isFalse();
    assertThat(EncoderCalls.isFinite(terms)).isFalse();
    assertThat(EncoderCalls.isFinite(new PairScore(good, values))).isFalse();
    assertThat(EncoderCalls.isFinite(new PairScore(values, good))).isFalse();
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
