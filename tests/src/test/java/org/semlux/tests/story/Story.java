package org.semlux.tests.story;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/**
 * A named list of steps. A file holds several, as YAML documents; its {@code setup} comes first in
 * each.
 *
 * @param steps each one a map of a single entry, such as {@code do} or {@code match}
 */
record Story(String file, String name, List<Map<String, Object>> steps) {
  private static final String SETUP = "setup";

  static List<Story> readAll(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yml"))
          .sorted()
          .flatMap(file -> read(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Story> read(Path file) {
    List<Map<String, Object>> setup = new ArrayList<>();
    List<Story> stories = new ArrayList<>();
    try {
      for (Object document : new Yaml().loadAll(Files.readString(file))) {
        ((Map<String, List<Map<String, Object>>>) document)
            .forEach(
                (name, steps) -> {
                  if (name.equals(SETUP)) {
                    setup.addAll(steps);
                  } else {
                    List<Map<String, Object>> all = new ArrayList<>(setup);
                    all.addAll(steps);
                    stories.add(new Story(file.getFileName().toString(), name, all));
                  }
                });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stories;
  }
}
