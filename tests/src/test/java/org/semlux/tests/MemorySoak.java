package org.semlux.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;

/**
 * Encodes 100,000 texts of changing lengths and prints the process's resident size and the open
 * native handles every 10,000: neither may grow after the first. Run by hand, see the README of
 * this module.
 */
public final class MemorySoak {
  private static final int TEXTS = 100_000;
  private static final int STEP = 10_000;

  private MemorySoak() {}

  /** Takes a model folder. */
  public static void main(String[] arguments) throws IOException {
    Random random = new Random(1);
    List<Long> resident = new ArrayList<>();
    try (DenseEncoder encoder =
        DenseEncoder.load(Path.of(arguments[0]), EncoderOptions.defaults())) {
      for (int done = STEP; done <= TEXTS; done += STEP) {
        for (int i = 0; i < STEP; i += 100) {
          List<String> texts = new ArrayList<>();
          for (int t = 0; t < 100; t++) {
            texts.add("some words to encode ".repeat(1 + random.nextInt(5)) + random.nextInt());
          }
          encoder.encode(texts);
        }
        System.gc();
        resident.add(residentKilobytes());
        System.out.printf(
            Locale.ROOT,
            "%,7d texts: resident %,d kB, native handles %d%n",
            done,
            resident.get(resident.size() - 1),
            Torch.openHandles());
      }
    }
    System.out.printf(
        Locale.ROOT,
        "resident after %,d texts: %+,d kB against after %,d%n",
        TEXTS,
        resident.get(resident.size() - 1) - resident.get(0),
        STEP);
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
