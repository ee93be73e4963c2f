package org.semlux.plugin.model;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.core.TimeValue;

/**
 * A file beside a model's copy that is there while the model is loaded and tried, and so is found
 * by the next start when the process ended meanwhile: native code can end it whatever Java checks.
 * It holds the number of the deployment that was being followed, since another deployment is
 * another try, and how often it was put for it: once the node may have ended for any other reason.
 */
record LoadMark(Path file) {
  private static final Logger LOGGER = LogManager.getLogger(LoadMark.class);

  /** Endings after which the model is taken for their cause. */
  private static final int TOO_MANY = 2;

  /** How long a model rests after so many; each further ending doubles it, up to two days. */
  private static final TimeValue REST = TimeValue.timeValueMinutes(10);

  private static final int DOUBLINGS = 8;

  /** Bytes of a mark at most. */
  private static final int LENGTH = 40;

  /** The node ended too often while it loaded a model, which rests for a while. */
  static final class DeadlyException extends Exception {
    private static final long serialVersionUID = 1;

    private final TimeValue rest;

    private DeadlyException(int endings) {
      super(
          "the node ended %s while loading it"
              .formatted(endings == 2 ? "twice" : endings + " times"));
      rest = TimeValue.timeValueMillis(REST.millis() << Math.min(endings - TOO_MANY, DOUBLINGS));
    }

    TimeValue rest() {
      return rest;
    }
  }

  /**
   * Puts the mark on the disk, so that it outlives this process. One that cannot be written, as on
   * a full disk, is no reason to go without the model.
   */
  void put(ModelDefinition model) {
    try {
      byte[] mark = (model.deployments() + " " + (endings(model) + 1)).getBytes(US_ASCII);
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
        // Over the one before, whose block a full disk still has.
        channel.write(ByteBuffer.wrap(mark));
        channel.truncate(mark.length);
        channel.force(true);
      }
    } catch (IOException e) {
      LOGGER.warn(
          "model [{}] is loaded though {} cannot be written: should the node end with it, the next"
              + " start does not know",
          model.id(),
          file,
          e);
    }
  }

  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.warn("{} cannot be deleted: the next start counts it as an ending", file, e);
    }
  }

  /** Whether one is there: the model is being loaded, or the process ended while it was. */
  boolean isThere() {
    return Files.exists(file);
  }

  /**
   * @throws DeadlyException where the node has ended too often while it followed this deployment
   */
  void check(ModelDefinition model) throws DeadlyException {
    int endings = endings(model);
    if (endings >= TOO_MANY) {
      throw new DeadlyException(endings);
    }
  }

  /** One that cannot be read counts once: it was cut off while it was written. */
  private int endings(ModelDefinition model) {
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
    } catch (IOException e) {
      return 1;
    }
  }
}
