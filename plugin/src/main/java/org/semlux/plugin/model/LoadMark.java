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
 * It holds the number of the deployment that was being followed, since another deployment is
 * another try, and how often it was put for it: once the node may have ended for any other reason.
 */
record LoadMark(Path file) {
  /** Endings after which the model is taken for their cause. */
  private static final int TOO_MANY = 2;

  /** Bytes of a mark at most. */
  private static final int LENGTH = 40;

  /** Puts the mark on the disk, so that it outlives this process. */
  void put(ModelDefinition model) throws IOException {
    String mark = model.deployments() + " " + (endings(model) + 1);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(mark.getBytes(US_ASCII)));
      channel.force(true);
    }
  }

  void remove() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Whether the node has ended too often while it followed this deployment. */
  boolean isDeadly(ModelDefinition model) throws IOException {
    return endings(model) >= TOO_MANY;
  }

  /** One that cannot be read counts once: it was cut off while it was written. */
  private int endings(ModelDefinition model) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
      channel.read(bytes);
      String[] mark = US_ASCII.decode(bytes.flip()).toString().split(" ", 2);
      if (!mark[0].matches("\\d{1,18}")) {
        return 1;
      }
      if (Long.parseLong(mark[0]) != model.deployments()) {
        return 0;
      }
      return mark.length == 2 && mark[1].matches("\\d{1,9}") ? Integer.parseInt(mark[1]) : 1;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
