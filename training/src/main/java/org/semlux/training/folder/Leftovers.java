package org.semlux.training.folder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Staging folders that killed processes have left. Each folder says whose it is: by the kernel's
 * boot, the namespace of process ids, the id, and when that process began, which no two share. In
 * the same namespace that tells whether it still runs, without a lock, which network file systems
 * may lack. Of a process elsewhere nobody knows.
 */
final class Leftovers {
  private static final String OWNER = ".owner";
  private static final Path PROC = Path.of("/proc");

  /** Where a process's start stands in its {@code stat}, behind the name. */
  private static final int START = 19;

  private Leftovers() {}

  /** Writes into a folder whose it is; nothing where the system does not tell. */
  static void claim(Path staging) throws IOException {
    Optional<String> namespace = namespace();
    if (namespace.isPresent()) {
      String id = Files.readSymbolicLink(PROC.resolve("self")).toString();
      Files.writeString(
          staging.resolve(OWNER), "%s\n%s\n%s\n".formatted(namespace.get(), id, start(id)));
    }
  }

  /** What process ids are unique in; empty off Linux. */
  private static Optional<String> namespace() {
    try {
      String boot = Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
      return Optional.of(boot + " " + Files.readSymbolicLink(PROC.resolve("self/ns/pid")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** In ticks since the boot, which setting the clock does not change. */
  private static String start(String id) throws IOException {
    String stat = Files.readString(PROC.resolve(id).resolve("stat"), ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[START]; // a name may hold anything
  }

  /** Whether the process that made a folder runs; empty where nobody can tell. */
  private static Optional<Boolean> runs(Path staging) {
    String owner;
    try {
      owner = Files.readString(staging.resolve(OWNER));
    } catch (IOException e) {
      return Optional.empty(); // not said, or not readable
    }
    try {
      List<String> lines = owner.lines().toList();
      boolean whole = lines.size() == 3 && owner.endsWith("\n");
      if (!whole || !namespace().equals(Optional.of(lines.get(0)))) {
        return Optional.empty();
      }
      return Optional.of(start(lines.get(1)).equals(lines.get(2)));
    } catch (NoSuchFileException e) {
      return Optional.of(false);
    } catch (IOException e) {
      return Optional.empty();
    }
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
                + " was left by a command that was killed, or is of one that still runs elsewhere:"
                + " remove it if none does");
      } else if (!runs.get() && Files.exists(other.resolve(StagedFolder.REPLACED))) {
        tell.accept(
            other
                + " was left by a command that was killed, and holds the model that was there"
                + " before: remove it if nobody needs that");
      } else if (!runs.get()) {
        remove(other, own, tell);
      }
    }
  }

  private static void remove(Path other, Path own, Consumer<String> tell) {
    try {
      // A system may hide whether another user's process runs.
      if (Files.getOwner(other).equals(Files.getOwner(own))) {
        StagedFolder.delete(other);
      }
    } catch (NoSuchFileException e) {
      // Another command removes it too.
    } catch (IOException e) {
      tell.accept("could not remove " + other + ", left by a killed command: " + e.getMessage());
    }
  }
}
