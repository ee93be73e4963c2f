package org.semlux.encoders.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.semlux.encoders.api.ModelException;

/**
 * Which files are a model's own: what a stranger's folder names, or links to, must not be another
 * file of the machine (path traversal).
 *
 * {@snippet lang=java :
 * Path model = Path.of("all-MiniLM-L6-v2");
 * OwnFiles.contain(model, model.resolve("config.json")); // true, unless it links elsewhere
 * }
 */
public final class OwnFiles {
  private OwnFiles() {}

  /**
   * Whether a file is a model's own wherever its links lead: into the model's folder, or, where
   * that is a snapshot in a hub's cache, among the blobs that the cache keeps for all snapshots of
   * the model.
   *
   * @param root the model's folder
   */
  public static boolean contain(Path root, Path file) throws IOException {
    Path real = file.toRealPath();
    Path folder = root.toRealPath();
    Path snapshots = folder.getParent();
    if (real.startsWith(folder) || snapshots == null || !snapshots.endsWith("snapshots")) {
      return real.startsWith(folder);
    }
    Path blobs = snapshots.resolveSibling("blobs");
    return Files.isDirectory(blobs, NOFOLLOW_LINKS) && blobs.equals(real.getParent());
  }

  /**
   * A file or folder that a file of a model names.
   *
   * @param root the model's folder
   * @param from the folder of the file that names it
   * @throws ModelException when it is none of the model's own
   */
  static Path named(String model, Path root, Path from, String name) throws IOException {
    try {
      Path found = from.resolve(name).normalize();
      if (!Path.of(name).isAbsolute()
          && found.toAbsolutePath().normalize().startsWith(root.toAbsolutePath().normalize())
          && (!Files.exists(found) || contain(root, found))) {
        return found;
      }
    } catch (InvalidPathException e) {
      // A name that no file can have: told as one that lies elsewhere.
    }
    throw ModelException.of(
        model,
        "[" + ModelException.brief(name) + "] points outside the folder, or is no name of a file");
  }
}
