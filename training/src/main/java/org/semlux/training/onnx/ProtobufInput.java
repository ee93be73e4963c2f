package org.semlux.training.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.semlux.encoders.folder.GitLfs;
import org.semlux.encoders.folder.JsonText;

/**
 * A file in protobuf's wire format, read field by field without generated classes. Each message's
 * length is checked against what encloses it, and the outermost is the file.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">the wire format</a>
 */
final class ProtobufInput implements AutoCloseable {
  // Wire types: the low three bits of a field's tag.
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;

  /** Reads a field's value when it knows the field's tag, and says whether it did. */
  interface FieldReader {
    boolean read(int tag) throws IOException;
  }

  private final Path file;
  private final InputStream stream;
  private final CodedInputStream input;

  private ProtobufInput(Path file, InputStream stream, CodedInputStream input) {
    this.file = file;
    this.stream = stream;
    this.input = input;
  }

  static ProtobufInput open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      GitLfs.refusePointer(file, channel);
    }
    long size = Files.size(file);
    if (size > Integer.MAX_VALUE) {
      throw new IOException(
          "%s has %s bytes, and protobuf ends at 2 GB: export the model with external data"
              .formatted(JsonText.nameOf(file), size));
    }
    // A stream, not a mapped buffer: protobuf reads the latter by sun.misc.Unsafe, of which
    // newer JDKs warn. Skipping moves the position in the file: skipped weights are not read.
    InputStream stream = Files.newInputStream(file);
    CodedInputStream input = CodedInputStream.newInstance(stream);
    input.pushLimit((int) size);
    return new ProtobufInput(file, stream, input);
  }

  Path file() {
    return file;
  }

  /** The values of the field whose tag was read last. */
  CodedInputStream value() {
    return input;
  }

  /** Reads the fields of the file's own message, skipping those that the reader does not know. */
  void fields(FieldReader reader) throws IOException {
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      if (!reader.read(tag) && !input.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group ends that did not begin");
      }
    }
  }

  /** Reads the fields of a message that is a field's value. */
  void message(FieldReader reader) throws IOException {
    int limit = input.pushLimit(input.readRawVarint32());
    fields(reader);
    input.popLimit(limit);
  }

  /** Steps over a field's bytes and says where they are. */
  OnnxTensor.Region skipBytes() throws IOException {
    int length = input.readRawVarint32();
    OnnxTensor.Region region = new OnnxTensor.Region(file, input.getTotalBytesRead(), length);
    input.skipRawBytes(length);
    return region;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
