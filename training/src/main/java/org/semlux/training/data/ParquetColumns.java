package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveStringifier;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** Some columns of a Parquet file, as data sets are published on hubs. */
final class ParquetColumns {
  private static final String PANDAS_INDEX = "__index_level_";

  private ParquetColumns() {}

  /**
   * All rows.
   *
   * @return of each row a cell for each name: a text, numbers as texts too, an array where the
   *     column is one of lists, or JSON's null
   * @throws IOException when the file is no Parquet file or lacks a column, or one of them is
   *     compressed by a codec that is not read, or holds something else than texts, numbers or
   *     lists of them
   */
  static List<List<JsonElement>> read(Path file, List<String> names) throws IOException {
    ParquetMetadata footer = footer(file);
    MessageType schema = footer.getFileMetaData().getSchema();
    if (!names.stream().allMatch(schema::containsField)) {
      throw new IOException(file + ": no columns " + names + ", found " + names(schema));
    }
    for (String name : names) {
      Type type = schema.getType(name);
      if (!type.isPrimitive() && !isList(type.asGroupType())) {
        throw new IOException(
            "[%s]: the column [%s] is nested, and neither a text, a number nor a list of them: leave it out"
                .formatted(file, name));
      }
    }
    requireCodecs(file, footer, names);
    MessageType asked =
        new MessageType(schema.getName(), names.stream().map(schema::getType).toList());
    List<List<JsonElement>> rows = new ArrayList<>();
    ParquetReadOptions options =
        ParquetReadOptions.builder().withCodecFactory(new ParquetCodecs()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      reader.setRequestedSchema(asked);
      PageReadStore pages = reader.readNextRowGroup();
      while (pages != null) {
        RecordReader<Group> records =
            new ColumnIOFactory()
                .getColumnIO(asked, schema)
                .getRecordReader(pages, new GroupRecordConverter(asked));
        for (long i = 0; i < pages.getRowCount(); i++) {
          Group row = records.read();
          rows.add(names.stream().map(name -> cell(row, name)).toList());
        }
        pages = reader.readNextRowGroup();
      }
      return rows;
    } catch (NoTextException e) {
      throw new IOException(
          "[%s]: the column [%s] holds bytes that are no UTF-8 text: leave it out, or write texts there"
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  /** A column whose bytes are none. */
  private static final class NoTextException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoTextException(String column) {
      super(column);
    }
  }

  /** What the columns are called, but for the index that pandas writes beside them. */
  static List<String> names(Path file) throws IOException {
    return names(schema(file)).stream().filter(name -> !name.startsWith(PANDAS_INDEX)).toList();
  }

  private static List<String> names(MessageType schema) {
    return schema.getFields().stream().map(Type::getName).toList();
  }

  /** Those that hold one text a row, and say so. */
  static List<String> texts(Path file) throws IOException {
    return schema(file).getFields().stream()
        .filter(type -> type.isPrimitive() && !type.isRepetition(Type.Repetition.REPEATED))
        .filter(type -> type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY)
        // Bytes may be an image: only who asks for them calls them a text.
        .filter(type -> type.getLogicalTypeAnnotation() != null)
        .map(Type::getName)
        .toList();
  }

  private static void requireCodecs(Path file, ParquetMetadata footer, List<String> names)
      throws IOException {
    for (BlockMetaData block : footer.getBlocks()) {
      for (ColumnChunkMetaData column : block.getColumns()) {
        if (names.contains(column.getPath().toArray()[0])
            && !ParquetCodecs.READ.contains(column.getCodec())) {
          throw new IOException(
              "[%s] is compressed by %s, which is not read: write it with snappy, zstd, gzip or no compression"
                  .formatted(file, column.getCodec()));
        }
      }
    }
  }

  private static MessageType schema(Path file) throws IOException {
    return footer(file).getFileMetaData().getSchema();
  }

  private static ParquetMetadata footer(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("[" + file + "] is no file");
    }
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
      return reader.getFooter();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, Exception cause) {
    return new IOException(
        "[" + file + "] is damaged or no Parquet file: " + cause.getMessage(), cause);
  }

  /**
   * Whether a group is a list of texts or numbers: one repeated field, which is the element (in old
   * files) or a group of the element alone. Names don't matter, but for two that old files give to
   * elements that are groups themselves.
   */
  private static boolean isList(GroupType group) {
    if (!(group.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation)
        || group.getFieldCount() != 1
        || !group.getType(0).isRepetition(Type.Repetition.REPEATED)) {
      return false;
    }
    Type repeated = group.getType(0);
    if (repeated.isPrimitive()) {
      return true;
    }
    GroupType wrapper = repeated.asGroupType();
    return wrapper.getFieldCount() == 1
        && !List.of("array", group.getName() + "_tuple").contains(wrapper.getName())
        && wrapper.getType(0).isPrimitive()
        && !wrapper.getType(0).isRepetition(Type.Repetition.REPEATED);
  }

  private static JsonElement cell(Group row, String name) {
    Type type = row.getType().getType(name);
    if (type.isPrimitive() && type.isRepetition(Type.Repetition.REPEATED)) {
      return list(row, name);
    }
    if (row.getFieldRepetitionCount(name) == 0) {
      return JsonNull.INSTANCE;
    }
    if (type.isPrimitive()) {
      return value(row, name, 0);
    }
    Group list = row.getGroup(name, 0);
    return list(list, list.getType().getFieldName(0));
  }

  /** The elements of a repeated field. */
  private static JsonArray list(Group parent, String repeated) {
    JsonArray elements = new JsonArray();
    for (int i = 0; i < parent.getFieldRepetitionCount(repeated); i++) {
      if (parent.getType().getType(repeated).isPrimitive()) {
        elements.add(value(parent, repeated, i));
      } else {
        Group wrapper = parent.getGroup(repeated, i);
        elements.add(cell(wrapper, wrapper.getType().getFieldName(0)));
      }
    }
    return elements;
  }

  /** Bytes that nobody calls a text, which some writers do not. */
  private static String text(String name, Binary bytes) {
    try {
      return UTF_8.newDecoder().decode(bytes.toByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw new NoTextException(name);
    }
  }

  /** As its logical type says: the integer of a decimal has a scale, and one may be unsigned. */
  private static JsonElement value(Group parent, String name, int index) {
    PrimitiveType type = parent.getType().getType(name).asPrimitiveType();
    PrimitiveStringifier texts = type.stringifier();
    return new JsonPrimitive(
        switch (type.getPrimitiveTypeName()) {
          case INT32 -> texts.stringify(parent.getInteger(name, index));
          case INT64 -> texts.stringify(parent.getLong(name, index));
          case FLOAT -> texts.stringify(parent.getFloat(name, index));
          case DOUBLE -> texts.stringify(parent.getDouble(name, index));
          case BOOLEAN -> texts.stringify(parent.getBoolean(name, index));
          case INT96 -> texts.stringify(parent.getInt96(name, index));
          case BINARY, FIXED_LEN_BYTE_ARRAY ->
              type.getLogicalTypeAnnotation() == null
                  ? text(name, parent.getBinary(name, index))
                  : texts.stringify(parent.getBinary(name, index));
        });
  }
}
