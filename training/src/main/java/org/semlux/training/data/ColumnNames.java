package org.semlux.training.data;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** What data sets call their columns, which tells a header from a row that stands first. */
final class ColumnNames {
  /** What holds labels, as sentence-transformers has it. */
  static final List<String> LABELS = List.of("label", "labels", "score", "scores");

  private static final Pattern USUAL =
      Pattern.compile(
          "_?id|idx|index|split|labels?|scores?"
              + "|(anchor|positive|negative|pos|neg|query|question|answer|response|premise"
              + "|hypothesis|entailment|contradiction|sentence|text|title|body|passage|context"
              + "|document|doc|claim|prompt|source|target)s?([_-]?(\\d+|[ab]))?",
          Pattern.CASE_INSENSITIVE);

  private ColumnNames() {}

  /**
   * Looks for columns that are read by their names.
   *
   * @throws IOException naming one that a header has twice
   */
  static void requireOnce(String where, List<String> found, Collection<String> wanted)
      throws IOException {
    for (String name : wanted) {
      if (Collections.frequency(found, name) > 1) {
        throw new IOException(
            "%s: the column [%s] is there twice: leave one out".formatted(where, name));
      }
    }
  }

  /** Whether some cell is such a name. */
  static boolean anyUsual(List<String> cells) {
    return cells.stream().anyMatch(ColumnNames::isUsual);
  }

  /** Whether all cells but numbers are such names, and some is. */
  static boolean areUsual(List<String> cells) {
    return anyUsual(cells) && cells.stream().allMatch(cell -> isUsual(cell) || Numbers.is(cell));
  }

  /** Whether cells are 0, 1, 2 and so on, as a table without names is written by pandas. */
  static boolean areCounted(List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      if (!cells.get(i).strip().equals(Integer.toString(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUsual(String cell) {
    return USUAL.matcher(cell.strip()).matches();
  }
}
