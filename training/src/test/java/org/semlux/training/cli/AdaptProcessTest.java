package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of {@code semlux adapt} as processes of their own, which are killed. */
class AdaptProcessTest {
  private static final int KILLS = 4;
  private static final String[] WORDS =
      "river rain water sea snow wind bread soup rice salt train bike road map ship".split(" ");

  @TempDir Path folder;

  /** Whatever it was at: each step leaves what the next run goes on from. */
  @Test
  void killsChangeNothing() throws Exception {
    Path corpus = corpus();
    Path whole = folder.resolve("whole");
    long began = System.nanoTime();
    SemluxProcess.finish(adapt(corpus, whole), whole);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

    Path killed = folder.resolve("killed");
    Random moments = new Random(5);
    for (int i = 0; i < KILLS; i++) {
      Process process = adapt(corpus, killed);
      boolean ended = process.waitFor(moments.nextLong(millis / 8, millis), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      assertThat(!ended || process.exitValue() == 0).as(SemluxProcess.err(killed)).isTrue();
    }
    SemluxProcess.finish(adapt(corpus, killed), killed);

    for (String file : List.of("killed.work/rows.jsonl", "killed/model.safetensors")) {
      assertThat(folder.resolve(file))
          .hasSameBinaryContentAs(folder.resolve(file.replace("killed", "whole")));
    }
    assertThat(Files.readString(killed.resolve("adaptation.json")))
        .isEqualTo(Files.readString(whole.resolve("adaptation.json")));
  }

  private Path corpus() throws IOException {
    Random random = new Random(7);
    List<String> lines =
        IntStream.range(0, 120)
            .mapToObj(
                i ->
                    "{\"title\":\"%s %s\",\"text\":\"The %s is by the %s.\"}"
                        .formatted(
                            WORDS[i % WORDS.length],
                            WORDS[i / WORDS.length],
                            WORDS[random.nextInt(WORDS.length)],
                            WORDS[random.nextInt(WORDS.length)]))
            .toList();
    return Files.write(folder.resolve("corpus.jsonl"), lines);
  }

  private static Process adapt(Path corpus, Path output) throws IOException {
    Path base = CommandLineRun.golden("dense-mpnet-mean-normalize");
    return SemluxProcess.start(
        output,
        ("adapt --held-out 0.25 --num-train-epochs 10 --learning-rate 1e-3 --per-device-train-batch-size 4 --corpus "
                + corpus
                + " --base "
                + base
                + " --output "
                + output)
            .split(" "));
  }
}
