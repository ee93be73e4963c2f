package org.semlux.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.load.MemoryNeed;
import org.semlux.encoders.program.Torch;

/**
 * Loads a model, keeps all threads busy with long texts, closes it, and prints what the process
 * really takes beside {@link MemoryNeed}'s estimate. One model a process: what libraries take once
 * is taken before by a tiny one. Run by hand, see the README of this module.
 */
public final class MemoryFigures {
  private static final int TEXTS = 600;

  private MemoryFigures() {}

  /** Takes a model folder and a precision. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.parse(arguments[1]));
    EncoderOptions first =
        options.withPrecision(
            options.precision() == Precision.INT8 ? Precision.INT8 : Precision.FLOAT32);
    try (Encoder tiny =
        Encoder.load(Goldens.committed().resolve("dense-bert-mean-normalize"), first)) {
      use(tiny, TEXTS);
    }
    MemoryNeed need = MemoryNeed.of(folder, options);
    long before = settled();
    resetPeak();
    long whileLoading;
    long loaded;
    long working;
    try (Encoder encoder = Encoder.load(folder, options)) {
      whileLoading = status("VmHWM") - before;
      loaded = settled() - before;
      resetPeak();
      use(encoder, TEXTS);
      working = status("VmHWM") - before;
    }
    Thread.sleep(500); // the last batch's scope
    long after = settled() - before;
    System.out.printf(
        Locale.ROOT,
        "%s %s: loading %.1f MB of %.1f, loaded %.1f, working %.1f of %.1f (weights %.1f), closed %.1f;"
            + " handles %d%n",
        folder.getFileName(),
        arguments[1],
        megabytes(whileLoading),
        megabytes(Math.max(need.whileLoading(), need.loaded() + need.batches())),
        megabytes(loaded),
        megabytes(working),
        megabytes(need.loaded() + need.batches()),
        megabytes(need.weights()),
        megabytes(after),
        Torch.openHandles());
  }

  private static void use(Encoder encoder, int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add("some words to encode ".repeat(1 + i % 150) + i);
    }
    switch (encoder) {
      case TextEncoder<?> each -> each.encode(texts);
      case CrossEncoder cross -> cross.score("some words", texts);
    }
  }

  private static double megabytes(long bytes) {
    return bytes / 1e6;
  }

  /** Resident bytes after a collection, the heap's not counted: it is committed from the start. */
  private static long settled() throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return status("VmRSS");
  }

  private static void resetPeak() throws IOException {
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
  }

  private static long status(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
