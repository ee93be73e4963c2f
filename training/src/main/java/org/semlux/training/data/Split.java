package org.semlux.training.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What rows of a data set are for, where a column {@code split} says so. */
public enum Split {
  /** To learn from. */
  TRAIN("train", "training"),
  /** To choose a model by. */
  DEV("dev", "validation", "valid", "val"),
  /** To judge the chosen one by. */
  TEST("test", "testing");

  /** The column, or key, that data sets in one file have. */
  static final String COLUMN = "split";

  private static final int LONGEST = 100;

  // It comes from List.of.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> names;

  Split(String... names) {
    this.names = List.of(names);
  }

  /** The one that a cell of the column names, in any case. */
  static Optional<Split> of(String cell) {
    if (cell.length() > LONGEST) {
      return Optional.empty(); // a text
    }
    String name = cell.strip().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(split -> split.names.contains(name)).findFirst();
  }

  /** As most data sets call it. */
  @Override
  public String toString() {
    return names.get(0);
  }
}
