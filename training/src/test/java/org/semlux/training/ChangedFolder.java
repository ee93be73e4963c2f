package org.semlux.training;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.semlux.encoders.folder.JsonFile;

/** Goldens with some settings of their own. */
public final class ChangedFolder {
  private ChangedFolder() {}

  /**
   * A copy of a golden, or the golden itself where nothing changes.
   *
   * @param changes by file: keys of its JSON, and what they become
   * @param into the folder that the copy stands in
   */
  public static Path of(Path golden, JsonObject changes, Path into) throws IOException {
    if (changes.isEmpty()) {
      return golden;
    }
    Path copy = into.resolve(golden.getFileName());
    try (Stream<Path> files = Files.walk(golden)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(golden.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    for (String name : changes.keySet()) {
      JsonObject config = JsonFile.read(copy.resolve(name)).object();
      changes.getAsJsonObject(name).asMap().forEach(config::add);
      JsonFile.write(copy.resolve(name), config, 4);
    }
    return copy;
  }
}
