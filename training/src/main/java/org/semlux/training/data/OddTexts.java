package org.semlux.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** What looks like no text among those that are learnt from, which is told and not refused. */
final class OddTexts {
  private static final Pattern ID = Pattern.compile("id|.*_(id|ids|idx)");

  private final Path file;
  private final TreeSet<Integer> numbers = new TreeSet<>();
  private long rows;
  private long empty;
  private String firstEmpty = "";

  OddTexts(Path file) {
    this.file = file;
  }

  /**
   * Looks at a row.
   *
   * @param columns of texts; the last one may hold a list
   */
  void look(String where, int columns, List<String> texts) {
    for (int i = 0; rows == 0 && i < columns; i++) {
      numbers.add(i);
    }
    rows++;
    numbers.removeIf(
        place ->
            !texts.subList(place, place == columns - 1 ? texts.size() : place + 1).stream()
                .allMatch(Numbers::is));
    if (texts.stream().anyMatch(String::isBlank)) {
      firstEmpty = empty == 0 ? where : firstEmpty;
      empty++;
    }
  }

  /** Says what was odd in all rows. */
  void end(List<String> columns, Consumer<String> notices) {
    List<String> ids = columns.stream().filter(column -> ID.matcher(column).matches()).toList();
    tell("look like ids", ids, columns, notices);
    List<String> counted = new ArrayList<>(numbers.stream().map(columns::get).toList());
    counted.removeAll(ids);
    tell("hold numbers alone", counted, columns, notices);
    if (empty > 0) {
      notices.accept(
          String.format(
              Locale.ROOT,
              "%s: %,d of %,d rows have an empty text, the first is %s: they are learnt as they stand",
              file,
              empty,
              rows,
              firstEmpty));
    }
  }

  private void tell(String what, List<String> odd, List<String> columns, Consumer<String> notices) {
    if (!odd.isEmpty()) {
      notices.accept(
          "[%s]: the columns %s %s and are read as texts: leave them out unless they are, of the texts %s"
              .formatted(file, odd, what, columns));
    }
  }
}
