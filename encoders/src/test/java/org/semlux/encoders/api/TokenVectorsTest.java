package org.semlux.encoders.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenVectorsTest {
  private static TokenVectors of(float[]... rows) {
    return new TokenVectors(rows);
  }

  @Test
  void eachTokenOfTheQueryFindsItsNearest() {
    TokenVectors query = of(new float[] {1, 0}, new float[] {0, 2}, new float[] {-1, -1});
    TokenVectors document = of(new float[] {0.5f, 0.25f}, new float[] {-3, 1});
    // .5, 2 and 2
    assertThat(MaxSim.SUM.score(query, document)).isEqualTo(4.5f);
    assertThat(MaxSim.MEAN.score(query, document)).isEqualTo(1.5f);
  }

  @Test
  void aDocumentWithoutTokensComesLast() {
    TokenVectors query = of(new float[] {1, 0}, new float[] {0, 2});
    assertThat(MaxSim.SUM.score(query, of())).isEqualTo(-1e9f);
    assertThat(MaxSim.MEAN.score(query, of())).isEqualTo(-5e8f);
    assertThat(MaxSim.SUM.score(of(), query)).isZero();
  }

  @Test
  void vectorsOfAnotherModelAreRefused() {
    assertThatThrownBy(() -> MaxSim.SUM.score(of(new float[] {1, 0}), of(new float[] {1})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a document's vectors have 1 dimensions, the query's 2");
  }

  @Test
  void packedNumbersAreOffByHalfAStepAtMost() {
    Random random = new Random(3);
    float[][] rows = new float[40][128];
    for (float[] row : rows) {
      for (int d = 0; d < row.length; d++) {
        row[d] = (float) random.nextGaussian();
      }
    }
    byte[] bytes = new PackedVectors(0xCAFEBABE, of(rows)).toBytes();
    assertThat(bytes).hasSize(10 + 40 * 132);
    PackedVectors read = PackedVectors.of(bytes).orElseThrow();
    assertThat(read.model()).isEqualTo(0xCAFEBABE);
    for (int t = 0; t < rows.length; t++) {
      float largest = 0;
      for (float number : rows[t]) {
        largest = Math.max(largest, Math.abs(number));
      }
      for (int d = 0; d < rows[t].length; d++) {
        assertThat(read.vectors().vectors()[t][d])
            .isCloseTo(rows[t][d], within(largest / 254 * 1.001f));
      }
    }
  }

  @Test
  void theFormatIsWhatIsDocumented() {
    byte[] bytes = new PackedVectors(258, of(new float[] {127, -64}, new float[] {0, 0})).toBytes();
    assertThat(bytes)
        .containsExactly(
            0x53, 0x56, 1, 0, 0, 0, 1, 2, 0, 2, 0x3f, 0x80, 0, 0, 127, -64, 0, 0, 0, 0, 0, 0);
    assertThat(PackedVectors.of(new PackedVectors(7, of()).toBytes()))
        .contains(new PackedVectors(7, of()));
  }

  @Test
  void otherBytesAreNoVectors() {
    byte[] bytes = new PackedVectors(1, of(new float[] {1, 2, 3})).toBytes();
    assertThat(PackedVectors.of(new byte[0])).isEmpty();
    assertThat(PackedVectors.of("a text in a field".getBytes(UTF_8))).isEmpty();
    for (int place : new int[] {0, 2, 3, 9}) {
      byte[] other = bytes.clone();
      other[place] = (byte) (other[place] + 2);
      assertThat(PackedVectors.of(other)).as("byte %d", place).isEmpty();
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThat(PackedVectors.of(longer)).isEmpty();
    byte[] infinite = bytes.clone();
    infinite[10] = 0x7f;
    infinite[11] = (byte) 0x80;
    assertThat(PackedVectors.of(infinite)).isEmpty();
  }
}
