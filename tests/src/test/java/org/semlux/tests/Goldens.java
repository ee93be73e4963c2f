package org.semlux.tests;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the goldens lie: those of this module, and those of the folder {@code semlux.shared}. */
final class Goldens {
  private Goldens() {}

  static Stream<Path> folders(String prefix) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (Path root : roots()) {
      try (Stream<Path> children = Files.list(root)) {
        children
            .filter(child -> child.getFileName().toString().startsWith(prefix))
            .filter(Files::isDirectory)
            .sorted()
            .forEach(folders::add);
      }
    }
    return folders.stream();
  }

  /** The folder of this module's goldens. */
  static Path committed() {
    try {
      URL url = Goldens.class.getResource("/goldens");
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> roots() {
    List<Path> roots = new ArrayList<>(List.of(committed()));
    Path shared = Path.of(System.getProperty("semlux.shared")).resolve("goldens/models");
    if (Files.isDirectory(shared)) {
      roots.add(shared);
    }
    return roots;
  }

  static String label(Path folder) {
    boolean committed = folder.startsWith(committed());
    return (committed ? "" : "shared/") + folder.getFileName();
  }
}
