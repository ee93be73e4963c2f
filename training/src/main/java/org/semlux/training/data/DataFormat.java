package org.semlux.training.data;

import java.nio.file.Path;
import java.util.Locale;

/** How a file of rows is written: its name says it, and {@code .gz} may follow that. */
enum DataFormat {
  PARQUET,
  /** An object a line. */
  JSON_LINES,
  /** Cells with tabs between. */
  TABS,
  /** Cells with commas between; so is everything that is called otherwise. */
  COMMAS;

  static DataFormat of(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".parquet")) {
      return PARQUET;
    }
    if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      return JSON_LINES;
    }
    return name.endsWith(".tsv") ? TABS : COMMAS;
  }
}
