package org.semlux.plugin.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.env.Environment;

/**
 * Room on the disk where the copies lie, for those that are being fetched: no two count on the same
 * bytes. Thread-safe.
 */
final class DiskRoom {
  /** Stays free beside every copy: shards and their translogs lie on the same disk. */
  static final ByteSizeValue MARGIN = ByteSizeValue.ofMb(64);

  private final Path root;
  private long expected; // bytes that are still to be written, of all reservations

  /**
   * @param root created with the first reservation
   */
  DiskRoom(Path root) {
    this.root = root;
  }

  /** What one copy is still to take. */
  final class Reservation implements AutoCloseable {
    private long left;

    private Reservation(long bytes) {
      left = bytes;
      expected += bytes;
    }

    /** Gives back what the disk itself counts from now on. */
    void written(long bytes) {
      synchronized (DiskRoom.this) {
        left -= bytes;
        expected -= bytes;
      }
    }

    @Override
    public void close() {
      written(left);
    }
  }

  /**
   * Takes room for a copy.
   *
   * @throws IOException where there is none, saying need and room, or when the disk fails
   */
  synchronized Reservation reserve(long bytes) throws IOException {
    Files.createDirectories(root);
    long room = Math.max(0, Environment.getUsableSpace(root) - expected);
    if (bytes + MARGIN.getBytes() > room) {
      throw new IOException(
          "it needs %s of disk and %s that stay free, %s are left"
              .formatted(ByteSizeValue.ofBytes(bytes), MARGIN, ByteSizeValue.ofBytes(room)));
    }
    return new Reservation(bytes);
  }
}
