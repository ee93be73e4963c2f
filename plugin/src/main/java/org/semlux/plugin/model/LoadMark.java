package org.semlux.plugin.model;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file beside a model's copy that is there while the model is loaded and tried, and so is found
 * by the next start when the process ended meanwhile: native code can end it whatever Java checks.
 * It holds the number of the deployment that was being followed: another deployment is another try.
 */
record LoadMark(Path file) {
  /** Digits of a long at most. */
  private static final int LENGTH = 20;

  /** Puts the mark on the disk, so that it outlives this process. */
  void put(ModelDefinition model) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(Long.toString(model.deployments()).getBytes(US_ASCII)));
      channel.force(true);
    }
  }

  void remove() throws IOException {
    Files.deleteIfExists(file);
  }

  /**
   * Whether the node ended while it followed this deployment. One that cannot be read counts: it
   * was cut off while it was written.
   */
  boolean isOf(ModelDefinition model) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer digits = ByteBuffer.allocate(LENGTH);
      channel.read(digits);
      String number = US_ASCII.decode(digits.flip()).toString();
      return !number.matches("\\d+") || number.equals(Long.toString(model.deployments()));
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
