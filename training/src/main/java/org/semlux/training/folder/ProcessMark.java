package org.semlux.training.folder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a process says of itself, by which others of its place tell whether it still runs. */
final class ProcessMark {
  private static final Path PROC = Path.of("/proc");

  // Where things stand in a process's stat, behind the name.
  private static final int STATE = 0;
  private static final int THREADS = 17;

  /** In ticks since the boot, which setting the clock does not change. */
  private static final int START = 19;

  private ProcessMark() {}

  /** What this process says of itself; not much where the system does not tell. */
  static String own() throws IOException {
    Optional<String> place = place();
    if (place.isEmpty()) {
      return "unknown\n";
    }
    String id = Files.readSymbolicLink(PROC.resolve("self")).toString();
    return "%s\n%s\n%s\n".formatted(place.get(), id, stat(id)[START]);
  }

  /**
   * Where processes see each other: ids are unique in a namespace of a boot, a start is told by its
   * clock, and /proc may hide other users. Copies of one virtual machine share a boot, but rarely a
   * name. Empty off Linux.
   */
  private static Optional<String> place() {
    try {
      StringBuilder place = new StringBuilder();
      place.append(Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip());
      place.append(' ').append(Files.readString(PROC.resolve("sys/kernel/hostname")).strip());
      place.append(" uid:").append(Files.getAttribute(PROC.resolve("self"), "unix:uid"));
      for (String kind : List.of("user", "pid", "time")) {
        Path namespace = PROC.resolve("self/ns").resolve(kind);
        if (Files.exists(namespace, NOFOLLOW_LINKS)) { // old kernels have one clock
          place.append(' ').append(Files.readSymbolicLink(namespace));
        }
      }
      return Optional.of(place.toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private static String[] stat(String id) throws IOException {
    String stat = Files.readString(PROC.resolve(id).resolve("stat"), ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" "); // a name may hold anything
  }

  /**
   * Whether a process runs; empty where nobody can tell.
   *
   * @param mark what it has written of itself, whole or not
   */
  static Optional<Boolean> runs(String mark) {
    try {
      List<String> lines = mark.lines().toList();
      boolean whole = lines.size() == 3 && mark.endsWith("\n");
      if (!whole || !place().equals(Optional.of(lines.get(0)))) {
        return Optional.empty();
      }
      String[] stat = stat(lines.get(1));
      // It has ended, and whoever began it has not asked yet how.
      boolean zombie = stat[STATE].equals("Z") && stat[THREADS].equals("1");
      return Optional.of(!zombie && stat[START].equals(lines.get(2)));
    } catch (NoSuchFileException e) {
      return Optional.of(false);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
