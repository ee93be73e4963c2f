package org.semlux.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Random variations of folders and texts, and what the reference library answers for them: the
 * twenty that are committed, or those of the folder that {@code semlux.fuzz} names, made by {@code
 * tests/reference/fuzz_folders.py}. There a folder that is refused by name is skipped, with the
 * reason; a difference fails.
 */
class FolderFuzzTest {
  private static final String FOLDER = System.getProperty("semlux.fuzz");
  private static final EncoderOptions OPTIONS =
      EncoderOptions.defaults().withPrecision(Precision.FLOAT32);

  @TestFactory
  Stream<DynamicTest> folders() throws IOException {
    Path root = FOLDER == null ? Goldens.committed().resolveSibling("fuzz") : Path.of(FOLDER);
    try (Stream<Path> children = Files.list(root)) {
      return children.filter(Files::isDirectory).sorted().toList().stream()
          .map(
              folder ->
                  DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }
  }

  private static void check(Path folder) throws IOException {
    if (FOLDER != null) {
      skipRefused(folder);
    }
    GoldensTest.check(folder);
  }

  private static void skipRefused(Path folder) {
    try {
      Encoder.load(folder, OPTIONS).close();
    } catch (IOException | ModelException e) {
      throw new TestAbortedException(e.getMessage(), e);
    }
  }
}
