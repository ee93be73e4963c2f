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
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.semlux.training.data.OutputFile;

/**
 * A CSV file that evaluators append to: a row for each evaluation, the header once, lines that end
 * in CRLF, numbers in the fewest digits that read back the same.
 */
final class ResultsCsv {
  private static final Pattern STEP = Pattern.compile("[^,]*,(-?\\d{1,18})\\b");

  private ResultsCsv() {}

  /**
   * Makes a file of a run fit one that goes on after a step: rows of later steps go, as do those of
   * no step, as its end writes. It is replaced in one move; nothing happens where it is missing.
   */
  static void resume(Path file, long step) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    String[] lines = Files.readString(file, UTF_8).split("(?<=\n)");
    try (OutputFile output = new OutputFile(file)) {
      for (int i = 0; i < lines.length; i++) {
        if (i == 0 || isUntil(step, lines[i])) {
          output.writer().write(lines[i]);
        }
      }
      output.commit();
    }
  }

  /** A row that was cut off as its process was killed has no end. */
  private static boolean isUntil(long step, String row) {
    Matcher matcher = STEP.matcher(row);
    if (!row.endsWith("\n") || !matcher.lookingAt()) {
      return false;
    }
    long found = Long.parseLong(matcher.group(1));
    return 0 <= found && found <= step;
  }

  /** Appends a row, making folder and file where they are missing. */
  static void append(Path file, List<String> header, List<? extends Number> row)
      throws IOException {
    append(file, header, row, "\r\n");
  }

  /** The same with another end of lines. */
  static void append(Path file, List<String> header, List<? extends Number> row, String end)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    boolean empty = Files.notExists(file) || Files.size(file) == 0;
    if (!empty) {
      requireHeader(file, header);
    }
    String values = row.stream().map(ResultsCsv::text).collect(Collectors.joining(","));
    try (Writer writer =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write((empty ? String.join(",", header) + end : "") + values + end);
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

  /** A number as Python's {@code str} has it: 1.0, 0.0001, 1e-05, nan. */
  static String text(Number value) {
    if (!(value instanceof Double)) {
      return value.toString();
    }
    double number = value.doubleValue();
    if (!Double.isFinite(number)) {
      return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
    }
    BigDecimal digits = new BigDecimal(value.toString()).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (number == 0 || (exponent >= -4 && exponent < 16)) {
      return digits.setScale(Math.max(1, digits.scale())).toPlainString();
    }
    String mantissa = digits.scaleByPowerOfTen(-exponent).toPlainString();
    return String.format(Locale.ROOT, "%se%+03d", mantissa, exponent);
  }
}
