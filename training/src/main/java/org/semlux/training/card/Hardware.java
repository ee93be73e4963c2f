package org.semlux.training.card;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine that trained.
 *
 * @param cpuModel as the processor calls itself
 * @param cores processors that the process may use
 * @param memoryBytes of the machine, or of the container that the process runs in
 */
public record Hardware(String cpuModel, int cores, long memoryBytes) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String MODEL_NAME = "model name";

  /** This machine. */
  public static Hardware current() {
    var system =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    return new Hardware(
        modelName(), Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize());
  }

  private static String modelName() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith(MODEL_NAME) && line.contains(":")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // A card that names the architecture alone is better than none.
    }
    return System.getProperty("os.arch");
  }
}
