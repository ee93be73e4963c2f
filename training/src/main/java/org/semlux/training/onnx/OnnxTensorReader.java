package org.semlux.training.onnx;

import static org.semlux.training.onnx.ProtobufInput.FIXED32;
import static org.semlux.training.onnx.ProtobufInput.FIXED64;
import static org.semlux.training.onnx.ProtobufInput.LENGTH;
import static org.semlux.training.onnx.ProtobufInput.VARINT;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonText;
import org.semlux.encoders.folder.OwnFiles;
import org.semlux.encoders.folder.StoredTensor;

/**
 * Reads one {@code TensorProto}. Its numbers stay in the file where they are one stretch of bytes.
 */
final class OnnxTensorReader {
  private static final int DIMENSION = 1 << 3 | VARINT;
  private static final int PACKED_DIMENSIONS = 1 << 3 | LENGTH;
  private static final int DATA_TYPE = 2 << 3 | VARINT;
  private static final int FLOAT = 4 << 3 | FIXED32;
  private static final int PACKED_FLOATS = 4 << 3 | LENGTH;
  private static final int INT32 = 5 << 3 | VARINT;
  private static final int PACKED_INT32 = 5 << 3 | LENGTH;
  private static final int INT64 = 7 << 3 | VARINT;
  private static final int PACKED_INT64 = 7 << 3 | LENGTH;
  private static final int NAME = 8 << 3 | LENGTH;
  private static final int RAW = 9 << 3 | LENGTH;
  private static final int DOUBLE = 10 << 3 | FIXED64;
  private static final int PACKED_DOUBLES = 10 << 3 | LENGTH;
  private static final int EXTERNAL_DATA = 13 << 3 | LENGTH;
  private static final int ENTRY_KEY = 1 << 3 | LENGTH;
  private static final int ENTRY_VALUE = 2 << 3 | LENGTH;

  private final ProtobufInput input;
  private final Path root;
  private final CodedInputStream value;
  private final List<Long> shape = new ArrayList<>();
  private final List<OnnxTensor.Data> pieces = new ArrayList<>();
  private final List<Long> integers = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, String> external = new HashMap<>();
  private String name = "";
  private int dataType;

  private OnnxTensorReader(ProtobufInput input, Path root) {
    this.input = input;
    this.root = root;
    this.value = input.value();
  }

  /**
   * Reads the tensor that the input stands before; empty when its numbers are of a type that no
   * weight has, such as texts or complex numbers.
   *
   * @param root the model's folder, out of which no link may lead
   */
  static Optional<OnnxTensor> read(ProtobufInput input, Path root) throws IOException {
    OnnxTensorReader reader = new OnnxTensorReader(input, root);
    input.message(reader::readField);
    return reader.tensor();
  }

  private boolean readField(int tag) throws IOException {
    switch (tag) {
      case DIMENSION -> shape.add(value.readInt64());
      case PACKED_DIMENSIONS -> readPacked(shape);
      case DATA_TYPE -> dataType = value.readInt32();
      case NAME -> name = value.readString();
      case RAW, PACKED_FLOATS, PACKED_DOUBLES -> pieces.add(input.skipBytes());
      case FLOAT -> bytes.write(value.readRawBytes(Float.BYTES));
      case DOUBLE -> bytes.write(value.readRawBytes(Double.BYTES));
      case INT32, INT64 -> integers.add(value.readInt64());
      case PACKED_INT32, PACKED_INT64 -> readPacked(integers);
      case EXTERNAL_DATA -> readEntry();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void readPacked(List<Long> numbers) throws IOException {
    int limit = value.pushLimit(value.readRawVarint32());
    while (!value.isAtEnd()) {
      numbers.add(value.readInt64());
    }
    value.popLimit(limit);
  }

  private void readEntry() throws IOException {
    String[] entry = {"", ""};
    input.message(
        tag -> {
          if (tag != ENTRY_KEY && tag != ENTRY_VALUE) {
            return false;
          }
          entry[tag == ENTRY_KEY ? 0 : 1] = value.readString();
          return true;
        });
    external.put(entry[0], entry[1]);
  }

  private Optional<OnnxTensor> tensor() throws IOException {
    Optional<Dtype> dtype = dtype(dataType);
    if (dtype.isEmpty()) {
      return Optional.empty();
    }
    long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
    if (Arrays.stream(dimensions).anyMatch(size -> size < 0)) {
      throw unusable("the negative shape " + Arrays.toString(dimensions));
    }
    long expected = Math.multiplyExact(StoredTensor.elements(dimensions), dtype.get().bytes());
    return Optional.of(new OnnxTensor(name, dtype.get(), dimensions, data(dtype.get(), expected)));
  }

  /** The values of {@code TensorProto.DataType}. */
  private static Optional<Dtype> dtype(int type) {
    return switch (type) {
      case 1 -> Optional.of(Dtype.F32);
      case 2 -> Optional.of(Dtype.U8);
      case 3 -> Optional.of(Dtype.I8);
      case 5 -> Optional.of(Dtype.I16);
      case 6 -> Optional.of(Dtype.I32);
      case 7 -> Optional.of(Dtype.I64);
      case 9 -> Optional.of(Dtype.BOOL);
      case 10 -> Optional.of(Dtype.F16);
      case 11 -> Optional.of(Dtype.F64);
      case 16 -> Optional.of(Dtype.BF16);
      default -> Optional.empty();
    };
  }

  private OnnxTensor.Data data(Dtype dtype, long expected) throws IOException {
    if (!external.isEmpty()) {
      return external(expected);
    }
    if (!integers.isEmpty()) {
      pieces.add(new OnnxTensor.Decoded(narrow(dtype)));
    }
    if (bytes.size() > 0) {
      pieces.add(new OnnxTensor.Decoded(bytes.toByteArray()));
    }
    if (pieces.isEmpty() && expected == 0) {
      return new OnnxTensor.Decoded(new byte[0]);
    }
    if (pieces.size() != 1) {
      throw unusable("numbers in " + pieces.size() + " places where one is expected");
    }
    long length = pieces.get(0).length();
    if (length != expected) {
      throw unusable(
          "%s bytes for the shape %s of %s, which takes %s"
              .formatted(length, shape, dtype, expected));
    }
    return pieces.get(0);
  }

  /** Small types share the field of 32-bit integers; 16-bit floats are there by their bits. */
  private byte[] narrow(Dtype dtype) {
    ByteBuffer numbers =
        ByteBuffer.allocate(Math.multiplyExact(integers.size(), dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long integer : integers) {
      switch (dtype.bytes()) {
        case Long.BYTES -> numbers.putLong(integer);
        case Integer.BYTES -> numbers.putInt((int) integer);
        case Short.BYTES -> numbers.putShort((short) integer);
        default -> numbers.put((byte) integer);
      }
    }
    return numbers.array();
  }

  private OnnxTensor.Data external(long expected) throws IOException {
    Path folder = input.file().toAbsolutePath().normalize().getParent();
    String location = external.getOrDefault("location", "");
    Path file = folder.resolve(location).normalize();
    if (location.isEmpty() || !file.startsWith(folder)) {
      throw unusable("external data in \"" + location + "\", which is not in the model's folder");
    }
    if (!Files.isRegularFile(file)) {
      throw unusable("external data in " + location + ", which is missing beside the file");
    }
    if (!OwnFiles.contain(root, file)) {
      throw unusable("external data in " + location + ", a link that leads out of the folder");
    }
    long offset = number("offset", 0);
    long length = number("length", expected);
    long size = Files.size(file);
    if (length > Integer.MAX_VALUE) {
      throw unusable(length + " bytes of external data, and one tensor may have 2 GB");
    }
    if (length != expected || offset < 0 || offset > size - length) {
      throw unusable(
          "external data at bytes %s to %s of %s, which has %s; its shape %s takes %s"
              .formatted(offset, offset + length, location, size, shape, expected));
    }
    return new OnnxTensor.Region(file, offset, length);
  }

  private long number(String key, long otherwise) throws IOException {
    String text = external.get(key);
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw unusable("external data with the " + key + " \"" + text + "\"");
    }
  }

  private IOException unusable(String problem) {
    return new IOException(
        ModelException.sentence(
            "%s cannot be used: its tensor %s has %s"
                .formatted(JsonText.nameOf(input.file()), ModelException.brief(name), problem)));
  }
}
