package org.semlux.encoders.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The numbers that matrix products are made in.
 *
 * {@snippet lang=java :
 * EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.parse("float32"));
 * try (Encoder encoder = Encoder.load(Path.of("model"), options)) {
 *   Precision used = encoder.info().precision(); // FLOAT32; never AUTO
 * }
 * }
 */
public enum Precision {
  /** {@link #BFLOAT16} where a measurement finds it clearly faster, else {@link #FLOAT32}. */
  AUTO,
  /**
   * Products of 8-bit mantissas, summed in float32: about twice the speed, a cosine to float32
   * above .9999.
   */
  BFLOAT16,
  /** Equal to the reference library to 1e-4. */
  FLOAT32,
  /**
   * Products of integers of eight bits, everything between them in float32: on STSb
   * all-MiniLM-L6-v2's lowest cosine to float32 is .9991, the mean .9998, without VNNI .9975 and
   * .9995. Only where it is asked for.
   */
  INT8;

  /** Reads a lower-case name, as the command line and the REST API write it. */
  public static Precision parse(String name) {
    return Arrays.stream(values())
        .filter(precision -> precision.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown precision ["
                        + Excerpt.of(name)
                        + "]: one of "
                        + Arrays.stream(values())
                            .map(Precision::toString)
                            .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
