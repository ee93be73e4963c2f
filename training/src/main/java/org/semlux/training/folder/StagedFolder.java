package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder that appears whole or not at all: it is filled beside its place and moved there at the
 * end. Closed without {@link #commit()}, or when the process is told to stop, it leaves nothing
 * behind. One that is killed leaves a hidden folder beside the place, which the next one that
 * writes to the same place removes, see {@link Leftovers}; if it surely was killed between the
 * moves, the next one ends them, and else says how. For one thread.
 *
 * {@snippet lang=java :
 * try (StagedFolder folder = StagedFolder.create(Path.of("model"), false)) {
 *   Files.writeString(folder.path().resolve("config.json"), "{}");
 *   folder.commit(); // now the folder "model" is there
 * }
 * }
 */
public final class StagedFolder implements AutoCloseable {
  /** What was replaced, while the new folder is not yet in its place. */
  static final String REPLACED = ".replaced";

  /** The same afterwards: of no more use. */
  private static final String OLD = ".old";

  private final Path output;
  private final Path staging;
  private final Thread cleaner = new Thread(this::deleteQuietly, "semlux-staged-folder");

  /** Whether the only copy of what was replaced lies here. */
  private boolean holdsReplaced;

  private StagedFolder(Path output, Path staging) {
    this.output = output;
    this.staging = staging;
  }

  /**
   * Prepares an output folder.
   *
   * @param overwrite whether a model that the output holds already may be replaced
   * @throws IOException when the output holds something that may not be replaced
   */
  public static StagedFolder create(Path output, boolean overwrite) throws IOException {
    Path target = requireReplaceable(output, overwrite);
    Files.createDirectories(target.getParent());
    Path staging = Files.createTempDirectory(target.getParent(), prefix(target));
    StagedFolder folder = new StagedFolder(target, staging);
    try {
      Runtime.getRuntime().addShutdownHook(folder.cleaner);
    } catch (IllegalStateException e) { // the process is going down
      folder.delete();
      throw e;
    }
    Leftovers.claim(staging);
    Leftovers.clear(target, staging, System.err::println);
    Files.createDirectory(folder.path());
    Files.createDirectory(folder.scratch());
    return folder;
  }

  static String prefix(Path target) {
    return "." + target.getFileName() + ".unfinished-";
  }

  /**
   * Makes sure that an output folder may be written, before work is put into it. If a process was
   * killed here while it put a model there, that model is there afterwards.
   *
   * @param overwrite whether a model that the output holds already may be replaced
   * @return the output's absolute path
   * @throws IOException when the output holds something that may not be replaced, or another
   *     process may be at it just now
   */
  public static Path requireReplaceable(Path output, boolean overwrite) throws IOException {
    Path target = absolute(output);
    if (target.getParent() == null) {
      throw new IOException(output + " can be no output folder");
    }
    settle(target);
    if (Files.exists(target) && !isEmptyFolder(target)) {
      // Whatever else somebody names by mistake, such as the home folder, is not for deletion.
      if (!Files.exists(target.resolve("config.json"))
          && !Files.exists(target.resolve("modules.json"))) {
        throw new IOException(output + " is there already and is no model folder: remove it first");
      }
      if (!overwrite) {
        throw new IOException(output + " holds a model already: remove it or say --overwrite");
      }
    }
    return target;
  }

  /** Ends the moves of a process that surely was killed between them. */
  private static void settle(Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) || !Files.isDirectory(target.getParent())) {
      return; // Where somebody has put another there since, all are kept.
    }
    Optional<Path> left =
        Leftovers.of(target).stream()
            .filter(file -> Files.exists(file.resolve(REPLACED)))
            .max(Comparator.comparing(file -> file.toFile().lastModified()));
    if (left.isPresent()) {
      Path staging = left.get();
      Path finished = staging.resolve(target.getFileName());
      Path replaced = staging.resolve(REPLACED);
      boolean whole = Files.exists(finished);
      Optional<Boolean> runs = Leftovers.runs(staging);
      if (runs.isEmpty()) {
        throw new IOException(
            "%s was left by a command that was killed as it replaced %s, or is of one that still runs, elsewhere or as another user: if none does, move %s there, or remove %s if neither is wanted"
                .formatted(staging, target, whole ? finished : replaced, staging));
      }
      if (runs.get()) {
        throw new IOException(
            "another command is replacing %s (in %s): wait until it has ended"
                .formatted(target, staging));
      }
      if (whole) {
        Files.move(finished, target, StandardCopyOption.ATOMIC_MOVE);
        Files.move(replaced, staging.resolve(OLD), StandardCopyOption.ATOMIC_MOVE);
      } else { // It came from elsewhere, and is there still.
        Files.move(replaced, target, StandardCopyOption.ATOMIC_MOVE);
      }
      delete(staging);
    }
  }

  /**
   * Makes sure that an output folder holds nothing yet, before work is put into it.
   *
   * @throws IOException when it does, or can be no folder
   */
  public static void requireFree(Path output) throws IOException {
    Path target = absolute(output);
    boolean free = Files.isDirectory(target) ? Leftovers.isEmpty(target) : !Files.exists(target);
    if (target.getParent() == null || !free) {
      throw new IOException(output + " is there already: give another --output");
    }
  }

  /**
   * Makes sure that an output may be put into its place without costing what it is made of,
   * wherever links lead.
   *
   * @param source what is read: a folder or a file
   * @param what it is, for the message
   * @throws IOException when the source is the output, or lies in it
   */
  public static void requireApart(Path output, Path source, String what) throws IOException {
    Path target = absolute(output);
    if (Files.exists(source) && Files.exists(target)) {
      // A link in the output goes with it, whatever it leads to.
      for (Path place : List.of(absolute(source), source.toRealPath())) {
        for (Path around = place; around != null; around = around.getParent()) {
          if (Files.exists(around) && Files.isSameFile(around, target)) {
            throw new IOException(
                "the output " + output + " would replace the " + what + " " + source);
          }
        }
      }
    }
  }

  private static Path absolute(Path output) {
    return output.toAbsolutePath().normalize();
  }

  private static boolean isEmptyFolder(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    }
  }

  /** Where to write what the output shall hold. */
  public Path path() {
    // The output's own name: messages about what is in it name the model.
    return staging.resolve(output.getFileName());
  }

  /** Where to put files that the output shall not hold. */
  public Path scratch() {
    return staging.resolve(".scratch");
  }

  /**
   * Moves the finished folder to its place, and what was there away. A process that is told to stop
   * meanwhile ends behind it.
   *
   * @throws IOException when it cannot be moved; what was there is there again, or, if that fails
   *     too, the message says where both are
   */
  public void commit() throws IOException {
    commit(path());
  }

  /** The same with a folder from elsewhere on this disk, which stays if it cannot be moved. */
  public synchronized void commit(Path finished) throws IOException {
    Path replaced = staging.resolve(REPLACED);
    if (!finished.equals(path())) {
      Files.delete(path()); // which is empty, and must not be taken for what is finished
    }
    boolean replaces = Files.exists(output);
    if (replaces) {
      Files.move(output, replaced, StandardCopyOption.ATOMIC_MOVE);
      holdsReplaced = true;
    }
    try {
      Files.move(finished, output, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (replaces) {
        restore(finished, replaced, e);
      }
      throw e;
    }
    holdsReplaced = false;
    if (replaces) {
      Files.move(replaced, staging.resolve(OLD), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void restore(Path finished, Path replaced, IOException failure) throws IOException {
    try {
      Files.move(replaced, output, StandardCopyOption.ATOMIC_MOVE);
      holdsReplaced = false;
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw new IOException(
          "%s could not be put into its place: it is %s, and what was there is %s (%s)"
              .formatted(output, finished, replaced, FileErrors.describe(failure)),
          failure);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      return; // The process is going down, and the cleaner is at work.
    }
    delete();
  }

  private synchronized void delete() throws IOException {
    if (!holdsReplaced && Files.exists(staging)) {
      Leftovers.delete(staging);
    }
  }

  private void deleteQuietly() {
    try {
      delete();
    } catch (IOException e) {
      System.err.println("could not remove " + staging + ": " + FileErrors.describe(e));
    }
  }

  /** Deletes a folder with all that is in it, if it is there; of links not what they lead to. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes any) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            super.postVisitDirectory(visited, failure); // which throws it
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
