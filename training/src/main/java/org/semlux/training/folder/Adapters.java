package org.semlux.training.folder;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.ModelFolder;

/**
 * PEFT adapters in folders of their own beside a model: its files do not name them, so the model is
 * whole without them, and whoever wants one has to be told that it is not there.
 *
 * {@snippet lang=java :
 * Adapters.leftOut(Path.of("model")).ifPresent(System.err::println); // which, and how to have one
 * }
 */
public final class Adapters {
  /** Such as {@code adapters/retrieval/adapter_config.json}. */
  private static final int DEPTH = 3;

  private Adapters() {}

  /** One sentence on the adapters below a folder that can be seen; empty where there are none. */
  public static Optional<String> leftOut(Path folder) throws IOException {
    List<String> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        Set.of(),
        DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(ModelFolder.ADAPTER)) {
              found.add(folder.relativize(file).toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // nothing that the model needs
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return leftOut(found);
  }

  /**
   * The same of a list of files.
   *
   * @param paths relative to the model's folder
   */
  public static Optional<String> leftOut(Collection<String> paths) {
    String end = "/" + ModelFolder.ADAPTER;
    List<String> folders =
        paths.stream()
            .map(path -> path.replace('\\', '/'))
            .filter(path -> path.endsWith(end))
            .map(path -> path.substring(0, path.length() - end.length()))
            .sorted()
            .toList();
    return folders.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the PEFT adapters in "
                + ModelException.brief(folders.toString())
                + " are left out, the model comes without them: to have one, merge it in Python with"
                + " merge_and_unload() and save the result");
  }
}
