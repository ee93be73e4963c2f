package org.semlux.training.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A CSV file that evaluators append to: a row for each evaluation, the header once, lines that end
 * in CRLF, numbers in the fewest digits that read back the same.
 */
final class ResultsCsv {
  private ResultsCsv() {}

  /** Appends a row, making folder and file where they are missing. */
  static void append(Path file, List<String> header, List<? extends Number> row)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    boolean empty = Files.notExists(file) || Files.size(file) == 0;
    if (!empty) {
      requireHeader(file, header);
    }
    String values = row.stream().map(ResultsCsv::text).collect(Collectors.joining(","));
    try (Writer writer =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write((empty ? String.join(",", header) + "\r\n" : "") + values + "\r\n");
    }
  }

  private static void requireHeader(Path file, List<String> header) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
      String found = reader.readLine();
      if (!String.join(",", header).equals(found)) {
        throw new IOException(
            "[%s] has other columns [%s] than this evaluation %s: move it away"
                .formatted(file, found, header));
      }
    }
  }

  private static String text(Number value) {
    double number = value.doubleValue();
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
    }
    return new BigDecimal(value.toString()).toPlainString();
  }
}
