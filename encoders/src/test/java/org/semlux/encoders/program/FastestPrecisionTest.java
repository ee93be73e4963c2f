package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.Precision;

class FastestPrecisionTest {
  /** A machine whose products take what a test says, by a clock that nothing else moves. */
  private static final class Machine {
    private final Map<Precision, Long> nanos;
    private final List<Precision> made = new ArrayList<>();
    private long now;
    private int open;

    Machine(long float32, long bfloat16) {
      nanos = Map.of(Precision.FLOAT32, float32, Precision.BFLOAT16, bfloat16);
    }

    FastestPrecision fastest() {
      return new FastestPrecision(this::products, () -> now);
    }

    private FastestPrecision.Products products(Precision precision) {
      open++;
      return new FastestPrecision.Products() {
        @Override
        public void run() {
          made.add(precision);
          // Other work delays every other round of either by as much again.
          now += nanos.get(precision) * (made.size() % 4 < 2 ? 1 : 2);
        }

        @Override
        public void close() {
          open--;
        }
      };
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "1000; 500;bfloat16;bfloat16 is 2.0 times as fast as float32 here",
        "1000; 900;bfloat16;bfloat16 is 1.1 times as fast as float32 here",
        "1000; 950;float32;bfloat16 is 1.05 times as fast as float32 here",
        "1000;1000;float32;bfloat16 is 1.00 times as fast as float32 here",
        "1000;1200;float32;bfloat16 is 0.83 times as fast as float32 here",
        "1000;3300;float32;bfloat16 is emulated here, at 0.30 of float32's speed"
      })
  void autoIsWhatTheClockFindsClearlyFaster(
      long float32, long bfloat16, String chosen, String reason) {
    FastestPrecision fastest = new Machine(float32, bfloat16).fastest();

    assertThat(fastest.resolve(Precision.AUTO)).hasToString(chosen);
    assertThat(fastest.reason(Precision.AUTO, Precision.parse(chosen))).isEqualTo(reason);
  }

  @Test
  void itIsMeasuredOnceAndInTurns() {
    Machine machine = new Machine(1_000, 500);
    FastestPrecision fastest = machine.fastest();

    fastest.resolve(Precision.AUTO);
    List<Precision> once = List.copyOf(machine.made);
    fastest.resolve(Precision.AUTO);
    fastest.reason(Precision.AUTO, Precision.BFLOAT16);

    assertThat(machine.made).isEqualTo(once);
    for (int i = 0; i < once.size(); i++) {
      assertThat(once.get(i)).isEqualTo(i % 2 == 0 ? Precision.FLOAT32 : Precision.BFLOAT16);
    }
    assertThat(machine.open).isZero();
    assertThat(machine.now).isLessThan(60_000_000);
  }

  @Test
  void verySlowProductsAreNotMadeOften() {
    Machine machine = new Machine(50_000_000, 500_000_000);

    assertThat(machine.fastest().resolve(Precision.AUTO)).isEqualTo(Precision.FLOAT32);
    assertThat(machine.made).hasSize(2 * 3);
  }

  @Test
  void whatIsAskedForIsTakenAndSlownessSaid() {
    FastestPrecision slow = new Machine(1_000, 4_000).fastest();
    FastestPrecision quick = new Machine(1_000, 500).fastest();

    assertThat(slow.resolve(Precision.BFLOAT16)).isEqualTo(Precision.BFLOAT16);
    assertThat(slow.slowness(Precision.BFLOAT16))
        .contains("bfloat16 is emulated here, at 0.25 of float32's speed");
    assertThat(slow.reason(Precision.BFLOAT16, Precision.BFLOAT16))
        .isEqualTo("bfloat16 is emulated here, at 0.25 of float32's speed");
    assertThat(slow.slowness(Precision.FLOAT32)).isEmpty();
    assertThat(quick.slowness(Precision.BFLOAT16)).isEmpty();
    assertThat(quick.reason(Precision.BFLOAT16, Precision.BFLOAT16)).isEqualTo("asked for");
    assertThat(quick.reason(Precision.AUTO, Precision.FLOAT32))
        .isEqualTo("all that this model computes in");
  }

  @Test
  void whereBfloat16DoesNotRunAutoIsFloat32() {
    FastestPrecision fastest =
        new FastestPrecision(
            precision -> {
              if (precision == Precision.BFLOAT16) {
                throw new IllegalStateException("no such products");
              }
              return new Machine(1, 1).products(precision);
            },
            System::nanoTime);

    assertThat(fastest.resolve(Precision.AUTO)).isEqualTo(Precision.FLOAT32);
    assertThat(fastest.comparison()).isEqualTo("bfloat16 does not run here");
  }

  @Test
  void theRealProductsRunAndLeaveNothingOpen() {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      LayerProducts.served(precision).close(); // what a process opens once
      long handles = Torch.openHandles();
      LayerProducts products = LayerProducts.served(precision);
      products.run();
      products.run();
      products.close();
      assertThat(Torch.openHandles()).isEqualTo(handles);
    }
    assertThat(FastestPrecision.SERVING.comparison()).startsWith("bfloat16 ");
  }
}
