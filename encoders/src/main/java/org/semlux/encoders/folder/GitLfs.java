package org.semlux.encoders.folder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.semlux.encoders.api.ModelFileException;

/**
 * What Git leaves in place of a large file where its extension for such files is not installed: a
 * few lines that say where the file is.
 *
 * {@snippet lang=java :
 * Path file = Path.of("model/model.safetensors");
 * try (FileChannel channel = FileChannel.open(file)) {
 *   GitLfs.refusePointer(file, channel); // an IOException that says what to do
 * }
 * }
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md">Git LFS</a>
 */
public final class GitLfs {
  /** Pointers are smaller, by their specification. */
  private static final int MAX_BYTES = 1_024;

  private static final byte[] BEGINNING =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  private GitLfs() {}

  /**
   * Refuses a pointer; the channel stays where it is.
   *
   * @throws IOException when the file is one
   */
  public static void refusePointer(Path file, FileChannel channel) throws IOException {
    if (!isOfItsSize(channel.size())) {
      return;
    }
    ByteBuffer start = ByteBuffer.allocate(BEGINNING.length);
    while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {}
    refusePointer(file, start.array());
  }

  /** Whether a file of so many bytes may be a pointer. */
  public static boolean isOfItsSize(long bytes) {
    return bytes >= BEGINNING.length && bytes < MAX_BYTES;
  }

  /**
   * Refuses a pointer.
   *
   * @param start of the file, or all of it
   * @throws IOException when the file is one
   */
  public static void refusePointer(Path file, byte[] start) throws IOException {
    if (start.length >= BEGINNING.length
        && Arrays.equals(start, 0, BEGINNING.length, BEGINNING, 0, BEGINNING.length)) {
      throw new ModelFileException(
          JsonText.nameOf(file)
              + " is a Git LFS pointer, not the file itself: run git lfs pull where the model was"
              + " cloned, or semlux download");
    }
  }
}
