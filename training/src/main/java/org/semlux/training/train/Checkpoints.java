package org.semlux.training.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.semlux.training.folder.StagedFolder;

/**
 * A run's checkpoints: folders {@code checkpoint-STEP}, each a whole model with the optimiser's
 * state. One appears in a single move, so that a process killed at any moment leaves whole ones.
 *
 * {@snippet lang=java :
 * Checkpoints checkpoints = new Checkpoints(Path.of("run"));
 * Loss loss = Losses.of(EncoderKind.DENSE, Optional.of("CoSENT"), new LossArguments());
 * StartingFolder start = StartingFolder.of(Path.of("base"), 42);
 * checkpoints.write(
 *     0,
 *     folder -> { // run/checkpoint-0, there when all of it is written
 *       start.write(EncoderKind.DENSE, folder);
 *       Trainer.begin(folder, "sts-train, lr 2e-5", new LoraArguments(), loss);
 *     });
 * }
 *
 * @param output the run's folder
 */
public record Checkpoints(Path output) {
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d+)");
  private static final String UNFINISHED = ".unfinished";
  private static final Pattern LEFT = Pattern.compile(NAME + Pattern.quote(UNFINISHED));

  public Checkpoints {
    output = output.toAbsolutePath().normalize();
  }

  /** Fills an empty folder. */
  public interface Writer {
    void write(Path folder) throws IOException;
  }

  public Path of(long step) {
    return output.resolve("checkpoint-" + step);
  }

  /**
   * Writes a checkpoint; one of that step is left as it is. Nothing is left of one that fails: a
   * full disk needs the place.
   */
  public void write(long step, Writer writer) throws IOException {
    if (Files.exists(of(step))) {
      return;
    }
    Path unfinished = output.resolve("checkpoint-" + step + UNFINISHED);
    StagedFolder.delete(unfinished);
    Files.createDirectories(unfinished);
    try {
      writer.write(unfinished);
    } catch (IOException | RuntimeException e) {
      StagedFolder.delete(unfinished);
      throw e;
    }
    try (Stream<Path> files = Files.walk(unfinished)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try (FileChannel channel = FileChannel.open(file)) {
          channel.force(true); // the move must not overtake what it moves
        }
      }
    }
    Files.move(unfinished, of(step), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The steps that there are checkpoints of, ascending. */
  public List<Long> steps() throws IOException {
    if (!Files.isDirectory(output)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(output)) {
      return files
          .map(file -> NAME.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> Long.valueOf(matcher.group(1)))
          .sorted()
          .toList();
    }
  }

  public Optional<Long> newest() throws IOException {
    return steps().stream().max(Comparator.naturalOrder());
  }

  /**
   * Deletes old ones.
   *
   * @param wanted steps that stay
   * @param limit how many of the others stay, the newest
   */
  void prune(Set<Long> wanted, int limit) throws IOException {
    List<Long> others = steps().stream().filter(step -> !wanted.contains(step)).toList();
    for (long step : others.subList(0, Math.max(0, others.size() - limit))) {
      // Out of sight in one move: a checkpoint that is half deleted must not look like one.
      Path doomed = output.resolve("checkpoint-" + step + UNFINISHED);
      Files.move(of(step), doomed, StandardCopyOption.ATOMIC_MOVE);
      StagedFolder.delete(doomed);
    }
  }

  /** Deletes what a killed process left. */
  void sweep() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      for (Path file :
          files.filter(f -> LEFT.matcher(f.getFileName().toString()).matches()).toList()) {
        StagedFolder.delete(file);
      }
    }
  }
}
