package org.semlux.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;

/** Files of evaluators beside those of the reference. */
final class CsvRows {
  private CsvRows() {}

  /** The same header, epochs and steps, and the same numbers to 1e-6; every row ends in CRLF. */
  static void assertSame(String found, String golden) {
    List<List<String>> rows = cells(found);
    List<List<String>> expected = cells(golden);
    assertThat(rows.get(0)).isEqualTo(expected.get(0));
    assertThat(rows).hasSameSizeAs(expected);
    for (int row = 1; row < expected.size(); row++) {
      assertThat(rows.get(row).subList(0, 2)).isEqualTo(expected.get(row).subList(0, 2));
      for (int column = 2; column < expected.get(row).size(); column++) {
        assertThat(Double.parseDouble(rows.get(row).get(column)))
            .isCloseTo(Double.parseDouble(expected.get(row).get(column)), Offset.offset(1e-6));
      }
    }
  }

  private static List<List<String>> cells(String csv) {
    assertThat(csv).endsWith("\r\n");
    List<List<String>> rows = new ArrayList<>();
    for (String line : csv.split("\r\n")) {
      assertThat(line).doesNotContain("\n", "\r");
      rows.add(List.of(line.split(",")));
    }
    return rows;
  }
}
