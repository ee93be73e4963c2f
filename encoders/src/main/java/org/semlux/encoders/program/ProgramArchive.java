package org.semlux.encoders.program;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The file that {@code torch.jit.load} reads, made in memory: an uncompressed zip with the
 * program's text and a pickled object of its class with one attribute, {@code training = False}.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/docs/serialization.md">
 *     TorchScript serialization</a>
 */
final class ProgramArchive {
  /** Pickle, protocol 2: the empty tuple. */
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private ProgramArchive() {}

  static byte[] of(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "version", "10\n".getBytes(US_ASCII)); // of the operators: PyTorch 2's
      put(zip, "data.pkl", module());
      put(zip, "code/__torch__.py", text.getBytes(UTF_8));
      put(zip, "constants.pkl", NO_CONSTANTS);
    }
    return bytes.toByteArray();
  }

  /** Pickle, protocol 2: {@code Program.__new__(Program)} with {@code {"training": False}}. */
  private static byte[] module() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {(byte) 0x80, 2});
    pickle.write("c__torch__\nProgram\n".getBytes(US_ASCII)); // GLOBAL: the class
    pickle.write(new byte[] {'q', 0, ')', (byte) 0x81, '}', '('}); // NEWOBJ, EMPTY_DICT, MARK
    pickle.write(new byte[] {'X', 8, 0, 0, 0}); // BINUNICODE of 8 bytes
    pickle.write("training".getBytes(US_ASCII));
    pickle.write(new byte[] {(byte) 0x89, 'u', 'b', '.'}); // NEWFALSE, SETITEMS, BUILD, STOP
    return pickle.toByteArray();
  }

  /** PyTorch reads members in place: they must be stored, with size and checksum up front. */
  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("program/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 checksum = new CRC32();
    checksum.update(content);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
