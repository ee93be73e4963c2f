package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Which rows of a file are meant, where its column {@code split} tells them apart. */
final class SplitRows {
  private final Path file;
  private final Optional<Split> wanted;
  private final Map<String, Long> found = new TreeMap<>();
  private long taken;

  /** Other columns that have named a split in every row so far; empty before the first row. */
  private Optional<Set<String>> alike = Optional.empty();

  /**
   * @param wanted empty: all, as long as they are of one split
   */
  SplitRows(Path file, Optional<Split> wanted) {
    this.file = file;
    this.wanted = wanted;
  }

  /**
   * Whether a row is one of them.
   *
   * @throws IOException when nobody can say
   */
  boolean takes(String where, String cell) throws IOException {
    String name = cell.strip();
    found.merge(name, 1L, Long::sum);
    if (wanted.isEmpty()) {
      taken++;
      return true;
    }
    Split split =
        Split.of(name)
            .orElseThrow(
                () ->
                    new IOException(
                        "%s: the column [%s] says [%s], where train, dev and test are known: rename the column if it means something else"
                            .formatted(where, Split.COLUMN, name)));
    boolean takes = split == wanted.get();
    taken += takes ? 1 : 0;
    return takes;
  }

  /** Whether a column told rows apart. */
  boolean areTold() {
    return !found.isEmpty();
  }

  /**
   * Looks at a row of columns that nobody has called {@code split}: one that tells splits apart
   * under another name would have rows for judging learned.
   */
  void look(List<String> names, List<String> cells) {
    Set<String> naming = new TreeSet<>();
    for (int i = 0; i < Math.min(names.size(), cells.size()); i++) {
      String name = names.get(i);
      boolean always = alike.isEmpty() || alike.get().contains(name);
      if (always && Split.of(cells.get(i)).isPresent()) {
        naming.add(name);
      }
    }
    alike = Optional.of(naming);
  }

  /**
   * Says what was taken.
   *
   * @throws IOException when that is not clear, or nothing
   */
  void end(Consumer<String> notices) throws IOException {
    Optional<String> other = alike.flatMap(columns -> columns.stream().findFirst());
    if (other.isPresent()) {
      throw new IOException(
          "[%s] names splits in its column [%s]: call it [%s], so that only the rows that are meant are taken, or leave it out"
              .formatted(file, other.get(), Split.COLUMN));
    }
    if (found.isEmpty()) {
      return; // no such column
    }
    long all = found.values().stream().mapToLong(Long::longValue).sum();
    if (wanted.isEmpty() && found.size() > 1) {
      throw new IOException(
          "[%s] holds the splits %s in its column [%s]: say which one is meant, by --split where the command has it, or make a file of it"
              .formatted(file, found.keySet(), Split.COLUMN));
    }
    if (wanted.isPresent() && taken == 0) {
      throw new IOException(
          "[%s] holds no rows of split %s, its column [%s] says %s"
              .formatted(file, wanted.get(), Split.COLUMN, found.keySet()));
    }
    if (taken < all) {
      notices.accept(
          String.format(
              Locale.ROOT,
              "%s: the %,d rows of split %s, of %,d in all",
              file,
              taken,
              wanted.orElseThrow(),
              all));
    }
  }
}
