package org.semlux.training.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.semlux.training.data.OutputFile;

/**
 * A CSV file that evaluators append to: a row for each evaluation, the header once, numbers in the
 * fewest digits that read back the same.
 *
 * @param columns the metric of each, by its name in the header; behind epoch and steps
 * @param end of lines
 */
record ResultsCsv(Path file, Map<String, String> columns, String end) {
  /** Of a line, but for files that the reference ends otherwise. */
  static final String END = "\r\n";

  private static final Pattern STEP = Pattern.compile("[^,]*,(-?\\d{1,18})\\b");

  /**
   * The file of an evaluation that is to come, unless nothing is to be written: what would not be
   * taken in the end is told before hours of work.
   *
   * @param output the folder {@value PairEvaluation#FOLDER} is made in it
   * @param of an evaluator's file in that
   * @throws IOException when the folder cannot be made, or the file has other columns
   */
  static Optional<ResultsCsv> open(Optional<Path> output, Function<Path, ResultsCsv> of)
      throws IOException {
    if (output.isEmpty()) {
      return Optional.empty();
    }
    ResultsCsv csv = of.apply(output.get().resolve(PairEvaluation.FOLDER));
    var unused = csv.isBegun();
    return Optional.of(csv);
  }

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

  /** Appends a row to what {@link #open} gave, if that is a file. */
  static void append(Optional<ResultsCsv> csv, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    if (csv.isPresent()) {
      csv.get().append(epoch, steps, metrics);
    }
  }

  /**
   * Appends a row, making folder and file where they are missing.
   *
   * @param metrics all that the columns ask for
   * @return the file
   */
  Path append(Number epoch, int steps, Map<String, Double> metrics) throws IOException {
    String header = isBegun() ? "" : header() + end;
    Stream<Number> row =
        Stream.concat(Stream.of(epoch, steps), columns.values().stream().map(metrics::get));
    String values = row.map(ResultsCsv::text).collect(Collectors.joining(","));
    try (Writer writer =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write(header + values + end);
    }
    return file;
  }

  private String header() {
    return "epoch,steps," + String.join(",", columns.keySet());
  }

  /**
   * Whether it has a header, which is this one then. Makes its folder.
   *
   * @throws IOException when it has another
   */
  private boolean isBegun() throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (Files.notExists(file) || Files.size(file) == 0) {
      return false;
    }
    try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
      String found = reader.readLine();
      if (!header().equals(found)) {
        throw new IOException(
            "[%s] has other columns [%s] than this evaluation [%s]: move it away, or give another --output"
                .formatted(file, found, header()));
      }
    }
    return true;
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
