package org.semlux.training.card;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A table in GitHub's Markdown, its columns filled up with blanks so that the text reads too. */
final class MarkdownTable {
  private final List<List<String>> rows = new ArrayList<>();

  MarkdownTable(List<String> header) {
    rows.add(header);
  }

  /** Adds a row with a cell for each column. */
  void add(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(cells.size() + " cells for the columns " + rows.get(0));
    }
    rows.add(cells);
  }

  /** The same in bold. */
  void addBold(List<String> cells) {
    add(cells.stream().map(cell -> "**" + cell + "**").toList());
  }

  /** All lines, each with its end. */
  @Override
  public String toString() {
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(
                i ->
                    Math.max(3, rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(3)))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows.size(); row++) {
      text.append(line(rows.get(row), widths));
      if (row == 0) {
        text.append(
            IntStream.of(widths)
                .mapToObj(width -> ":" + "-".repeat(width + 1))
                .collect(joining("|", "|", "|\n")));
      }
    }
    return text.toString();
  }

  private static String line(List<String> cells, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(i -> " " + cells.get(i) + " ".repeat(widths[i] - cells.get(i).length()) + " ")
        .collect(joining("|", "|", "|\n"));
  }
}
