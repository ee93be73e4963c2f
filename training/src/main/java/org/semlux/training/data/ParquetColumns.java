package org.semlux.training.data;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.HydratorSupplier;
import blue.strategic.parquet.ParquetReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** Some columns of a Parquet file, as data sets are published on hubs. */
final class ParquetColumns {
  private ParquetColumns() {}

  /**
   * All rows.
   *
   * @return of each row a cell for each name, empty where it is null
   * @throws IOException when the file is no Parquet file or lacks a column
   */
  static List<List<Optional<Object>>> read(Path file, List<String> names) throws IOException {
    requireColumns(file, names);
    HydratorSupplier<Object[], List<Optional<Object>>> rows =
        HydratorSupplier.constantly(new Cells(names));
    try (Stream<List<Optional<Object>>> content =
        ParquetReader.streamContent(file.toFile(), rows, names)) {
      return content.toList();
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    } catch (RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static void requireColumns(Path file, List<String> names) throws IOException {
    List<String> found = names(file);
    if (!found.containsAll(names)) {
      throw new IOException(file + ": no columns " + names + ", found " + found);
    }
  }

  /** What the columns are called. */
  static List<String> names(Path file) throws IOException {
    return columns(file).stream().map(column -> column.getPath()[0]).toList();
  }

  /** Those that hold one text a row. */
  static List<String> texts(Path file) throws IOException {
    return columns(file).stream()
        .filter(column -> column.getPath().length == 1 && column.getMaxRepetitionLevel() == 0)
        .filter(
            column -> column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY)
        .map(column -> column.getPath()[0])
        .toList();
  }

  private static List<ColumnDescriptor> columns(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("[" + file + "] is no file");
    }
    try {
      return ParquetReader.readMetadata(file.toFile()).getFileMetaData().getSchema().getColumns();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, Exception cause) {
    return new IOException(
        "[" + file + "] is damaged or no Parquet file: " + cause.getMessage(), cause);
  }

  /** Puts a row's values into the order of the names. */
  private record Cells(List<String> names) implements Hydrator<Object[], List<Optional<Object>>> {
    @Override
    public Object[] start() {
      return new Object[names.size()];
    }

    @Override
    public Object[] add(Object[] row, String name, Object value) {
      int place = names.indexOf(name);
      if (place >= 0) {
        row[place] = value;
      }
      return row;
    }

    @Override
    public List<Optional<Object>> finish(Object[] row) {
      return new ArrayList<>(Arrays.stream(row).map(Optional::ofNullable).toList());
    }
  }
}
