package org.semlux.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this machine, or what {@code ONEDNN_MAX_CPU_ISA} leaves of it, multiplies with: where that
 * is little, answers in bfloat16 and int8 are further from float32.
 */
final class Cpu {
  private Cpu() {}

  /**
   * Whether oneDNN multiplies bfloat16, be it emulated: PyTorch does where it does not, in sums
   * whose order a text's company decides.
   */
  static boolean multipliesBfloat16() {
    return !isX86() || (has("avx512bw") && !keptTo("AVX2"));
  }

  /** Whether eight bits have all their levels: without VNNI weights have half of them. */
  static boolean multipliesBytes() {
    return !isX86() || (has("vnni") && !keptTo("AVX2"));
  }

  private static boolean isX86() {
    return System.getProperty("os.arch").equals("amd64");
  }

  private static boolean keptTo(String kind) {
    String most = System.getenv("ONEDNN_MAX_CPU_ISA");
    return most != null && most.equalsIgnoreCase(kind);
  }

  /** Where nothing tells, a CPU has all. */
  private static boolean has(String flag) {
    Path file = Path.of("/proc/cpuinfo");
    try {
      return !Files.isReadable(file) || Files.readString(file).contains(flag);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
