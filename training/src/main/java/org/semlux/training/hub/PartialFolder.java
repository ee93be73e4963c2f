package org.semlux.training.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.semlux.training.folder.Leftovers;
import org.semlux.training.folder.StagedFolder;

/**
 * What has come of a model so far. It lies beside the output under a name that the next run finds,
 * and holds the model's finished files and the parts of unfinished ones. One process at a time.
 */
final class PartialFolder implements AutoCloseable {
  /** What unreleased versions held the folder by: an empty file. */
  private static final String LOCK = ".lock";

  private final Path output;
  private final Path folder;

  private PartialFolder(Path output, Path folder) {
    this.output = output;
    this.folder = folder;
  }

  /**
   * Opens what an earlier run has left, or begins.
   *
   * @param tell gets a sentence where nobody knows whether that run still goes on
   * @throws IOException when another process is at it
   */
  static PartialFolder open(Path output, Consumer<String> tell) throws IOException {
    Path target = output.toAbsolutePath().normalize();
    Path folder = target.resolveSibling("." + target.getFileName() + ".download");
    Leftovers.take(folder, tell);
    PartialFolder partial = new PartialFolder(target, folder);
    Files.createDirectories(partial.model());
    return partial;
  }

  /** Where finished files lie as in the model; its name is the output's. */
  Path model() {
    return folder.resolve(output.getFileName());
  }

  /** Where a file lies until it is whole: parts of other contents have other names. */
  Path part(HubFile file) {
    String content = file.checksum().map(Checksum::hex).orElse("unknown");
    return folder.resolve(file.path().replace('/', ' ') + "." + content + ".part");
  }

  /** Deletes finished files that the model does not have, as of another revision. */
  void retain(Collection<HubFile> files) throws IOException {
    List<Path> kept = files.stream().map(file -> model().resolve(file.path())).toList();
    List<Path> others;
    try (Stream<Path> found = Files.walk(model())) {
      others = found.filter(Files::isRegularFile).filter(file -> !kept.contains(file)).toList();
    }
    for (Path file : others) {
      Files.delete(file);
    }
  }

  /** Moves the model to its place and forgets the rest. */
  void install(boolean overwrite) throws IOException {
    try (StagedFolder staged = StagedFolder.create(output, overwrite)) {
      staged.commit(model()); // until it is in its place, the next download finds it here
    }
    delete();
  }

  /** Forgets what has come. */
  void delete() throws IOException {
    Leftovers.delete(folder);
  }

  /** Lets other processes in; what has come stays, and nothing stays where nothing came. */
  @Override
  public void close() throws IOException {
    if (Files.exists(folder) && isEmpty()) {
      delete();
    } else {
      Leftovers.release(folder);
    }
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      return found
          .filter(Files::isRegularFile)
          .allMatch(file -> Leftovers.isOwner(file) || file.equals(folder.resolve(LOCK)));
    }
  }
}
