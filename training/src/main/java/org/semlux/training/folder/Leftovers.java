package org.semlux.training.folder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Whose folders are, and staging folders that killed processes have left. Each folder says whose it
 * is: a place that process ids are told in, the id, and when that process began, which no two share
 * there. The process holds a lock on what it says for as long as it runs: who finds it locked
 * knows, wherever that process is. Network file systems may lack locks, so an unlocked one says
 * little: the same place tells whether its process runs, and of one elsewhere nobody knows.
 *
 * {@snippet lang=java :
 * Path run = Path.of("run");
 * Leftovers.take(run, System.err::println); // refused while another process writes into it
 * try {
 *   Files.writeString(run.resolve("log.jsonl"), "");
 * } finally {
 *   Leftovers.release(run);
 * }
 * }
 */
public final class Leftovers {
  private static final String OWNER = ".owner";

  /** Of taking a folder that others give back and remove at the same time. */
  private static final int ATTEMPTS = 10;

  /**
   * What this process holds, with the lock. It must not open such a file again: closing that would
   * give the lock away.
   */
  private static final Map<Path, FileChannel> HELD = new ConcurrentHashMap<>();

  private Leftovers() {}

  /**
   * Makes a folder this process's, until {@link #release}, and makes it where it is missing.
   *
   * @param tell gets a sentence where nobody knows whether the one whose it is runs
   * @throws IOException when it is that of another command that surely runs, or of another user's
   *     that this one may not put itself in the place of
   */
  public static void take(Path folder, Consumer<String> tell) throws IOException {
    Optional<Boolean> runs = runs(folder);
    if (runs.orElse(false)) {
      throw taken(folder);
    }
    boolean unknown = runs.isEmpty() && Files.exists(folder.resolve(OWNER));
    claimThere(folder);
    if (unknown) {
      tell.accept(
          folder
              + " is of a command that was killed, or of one that still runs, elsewhere or as another"
              + " user: stop this one if it does");
    }
  }

  private static void claimThere(Path folder) throws IOException {
    for (int attempt = 1; true; attempt++) {
      try {
        Files.createDirectories(folder);
        claim(folder);
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        } // else others take it and give it back just now
      } catch (AccessDeniedException e) {
        throw forbidden(folder, e);
      }
    }
  }

  private static IOException forbidden(Path folder, AccessDeniedException e) {
    Path owner = folder.resolve(OWNER);
    String remedy =
        Files.exists(owner)
            ? ", or, if the other user's command that was at it has ended, remove " + owner
            : "";
    return new IOException(
        "no permission to write into " + folder + ": give another --output" + remedy, e);
  }

  private static IOException taken(Path folder) {
    return new IOException(
        "another command writes into %s: wait until it has ended, or stop it, or, if the folder is a copy, remove %s"
            .formatted(folder, folder.resolve(OWNER)));
  }

  /** Gives a folder back, unless another has taken it since. */
  public static void release(Path folder) throws IOException {
    FileChannel channel = HELD.remove(key(folder));
    if (channel != null) {
      try (channel) {
        if (read(channel.position(0)).equals(ProcessMark.own())) {
          Files.deleteIfExists(folder.resolve(OWNER));
        }
      }
    }
  }

  /** Deletes a folder that this process holds, unless another has taken it since it was empty. */
  public static void delete(Path folder) throws IOException {
    // Whose it is goes last, for whoever finds it half deleted, and the file must be closed then:
    // an open one would keep the folder on network file systems.
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(file -> !isOwner(file)).toList()) {
        StagedFolder.delete(file);
      }
    }
    release(folder);
    deleteEmpty(folder);
  }

  /** Deletes a folder where nothing is in it: what is may be another's by now. */
  static void deleteEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // It is kept.
    }
  }

  /** Whatever links lead there; of a folder that is gone as it is called. */
  private static Path key(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath().normalize();
    }
  }

  /**
   * Writes into a folder whose it is, and locks that before.
   *
   * @throws NoSuchFileException when the folder is gone, or is just being given back
   * @throws FileAlreadyExistsException when another is just taking it
   * @throws IOException when another process has locked it, or another user forbids it
   */
  static void claim(Path folder) throws IOException {
    Path owner = folder.resolve(OWNER);
    if (Files.notExists(owner)) {
      Files.createFile(owner);
    }
    Object file = identity(owner); // before it is opened
    FileChannel channel =
        FileChannel.open(owner, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (isLocked(channel, false)) {
        throw taken(folder);
      }
      if (!Objects.equals(file, identity(owner))) { // given back meanwhile
        throw new NoSuchFileException(owner.toString());
      }
      channel.truncate(0).write(ISO_8859_1.encode(ProcessMark.own()));
      HELD.put(key(folder), channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** What a file is told by from one of the same name; null where the system does not tell. */
  private static Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Whether another has locked it; if not, and where the file system has locks, it is ours until
   * the channel is closed.
   */
  private static boolean isLocked(FileChannel channel, boolean shared) {
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true; // by another thread of this process
    } catch (IOException e) {
      return false; // no locks here
    }
  }

  private static String read(FileChannel channel) throws IOException {
    return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
  }

  /** Whether the process that made a folder runs; empty where nobody can tell. */
  static Optional<Boolean> runs(Path staging) {
    if (HELD.containsKey(key(staging))) {
      return Optional.of(true);
    }
    String owner;
    try (FileChannel channel = FileChannel.open(staging.resolve(OWNER))) {
      owner = read(channel);
      if (!owner.isEmpty() && isLocked(channel, true)) { // else its owner is about to lock it
        return Optional.of(true);
      }
    } catch (IOException e) {
      return Optional.empty(); // not said, or not readable
    }
    return ProcessMark.runs(owner);
  }

  /** Staging folders of an output, whoever made them. */
  static List<Path> of(Path target) throws IOException {
    String prefix = StagedFolder.prefix(target);
    try (Stream<Path> files = Files.list(target.getParent())) {
      return files
          .filter(
              file -> {
                String name = file.getFileName().toString();
                // Of the output model.unfinished-2 it is another's.
                return name.startsWith(prefix) && name.substring(prefix.length()).matches("\\d+");
              })
          .filter(file -> Files.isDirectory(file, NOFOLLOW_LINKS))
          .sorted()
          .toList();
    }
  }

  /** Whether nothing is in a folder but whose it is. */
  static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.allMatch(Leftovers::isOwner);
    }
  }

  /** Whether a file says whose the folder is that it is in. */
  public static boolean isOwner(Path file) {
    return file.getFileName().toString().equals(OWNER);
  }

  /**
   * Removes the staging folders that nobody writes to any more, but for those that hold a model
   * that was there before.
   *
   * @param own which stays
   * @param tell gets a sentence on each that nobody knows of, or that cannot be removed
   */
  static void clear(Path target, Path own, Consumer<String> tell) throws IOException {
    for (Path other : of(target)) {
      if (other.equals(own)) {
        continue;
      }
      Optional<Boolean> runs = runs(other);
      if (runs.isEmpty()) {
        tell.accept(
            other
                + " was left by a command that was killed, or is of one that still runs, elsewhere or"
                + " as another user: remove it if none does");
      } else if (!runs.get() && Files.exists(other.resolve(StagedFolder.REPLACED))) {
        tell.accept(
            other
                + " was left by a command that was killed, and holds the model that was there"
                + " before: remove it if nobody needs that");
      } else if (!runs.get()) {
        remove(other, tell);
      }
    }
  }

  private static void remove(Path other, Consumer<String> tell) {
    try {
      StagedFolder.delete(other);
    } catch (NoSuchFileException e) {
      // Another command removes it too.
    } catch (IOException e) {
      tell.accept(
          "could not remove " + other + ", left by a killed command: " + FileErrors.describe(e));
    }
  }
}
