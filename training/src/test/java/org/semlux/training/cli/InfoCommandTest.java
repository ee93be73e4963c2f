package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.FastestPrecision;

class InfoCommandTest {
  @Test
  void itSaysWhatAutoIsHereAndWhy() {
    CommandLineRun run = CommandLineRun.of("info", "--model", CommandLineRun.MODEL);

    assertThat(run.exitCode()).as(run.err()).isZero();
    Precision auto = FastestPrecision.SERVING.resolve(Precision.AUTO);
    List<String> lines = run.out().lines().toList();
    assertThat(lines)
        .contains("name        dense-bert-mean-normalize", "kind        dense", "dimensions  32")
        .contains("precision   " + auto + ": " + FastestPrecision.SERVING.comparison());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void queriesMayHaveALengthOfTheirOwn() {
    Path model = Path.of("../tests/src/test/resources/goldens/multi-vector-modernbert-min");
    CommandLineRun run = CommandLineRun.of("info", "--model", model);

    assertThat(run.out()).contains("max tokens  24, of a query 20\n");
  }

  @Test
  void whatIsAskedForIsTaken() {
    CommandLineRun run =
        CommandLineRun.of("info", "--model", CommandLineRun.MODEL, "--precision", "float32");

    assertThat(run.out()).contains("precision   float32: asked for");
  }
}
