package org.semlux.training.card;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.folder.ModelFiles;

/**
 * What training began with: a model folder, or a file of word vectors.
 *
 * {@snippet lang=java :
 * BaseModel base = BaseModel.of(Path.of("all-MiniLM-L6-v2"));
 * base.sha256(); // of all the model's files, 64 digits
 * base.license(); // "apache-2.0"
 * }
 *
 * @param name of the folder or file
 * @param sha256 of all the model's files, see {@link ModelFiles#sha256}; of word vectors the file's
 * @param license as its own card says it, such as {@code apache-2.0}; empty where it says none
 * @param languages likewise, such as {@code en}
 */
public record BaseModel(String name, String sha256, String license, List<String> languages) {
  public BaseModel {
    languages = List.copyOf(languages);
  }

  /**
   * Reads all files once, for their hash.
   *
   * @throws IOException when they cannot be read
   */
  public static BaseModel of(Path path) throws IOException {
    Path real = path.toRealPath(); // the name of a link, or of "..", says nothing
    String name = real.getFileName().toString();
    if (!Files.isDirectory(real)) {
      return new BaseModel(name, Sha256.of(real), "", List.of());
    }
    Path card = real.resolve("README.md");
    List<String> header = Files.isRegularFile(card) ? header(card) : List.of();
    return new BaseModel(
        name,
        ModelFiles.sha256(real),
        values(header, "license").stream().findFirst().orElse(""),
        values(header, "language"));
  }

  /** The lines between the card's first two rules. */
  private static List<String> header(Path card) throws IOException {
    String text = new String(Files.readAllBytes(card), UTF_8); // of which ASCII alone is taken
    List<String> lines = text.lines().map(String::stripTrailing).toList();
    int end = lines.isEmpty() ? -1 : lines.subList(1, lines.size()).indexOf("---");
    return end >= 0 && lines.get(0).equals("---") ? lines.subList(1, end + 1) : List.of();
  }

  /** A scalar, or a list with one value a line, of YAML: all that cards use for these keys. */
  private static List<String> values(List<String> header, String key) {
    List<String> values = new ArrayList<>();
    boolean inside = false;
    for (String line : header) {
      if (line.startsWith(key + ":")) {
        inside = true;
        values.add(line.substring(key.length() + 1));
      } else if (inside && line.strip().startsWith("- ")) {
        values.add(line.strip().substring(2));
      } else {
        inside = false;
      }
    }
    return values.stream()
        .map(value -> value.strip().replaceAll("^[\"']|[\"']$", ""))
        .filter(value -> value.matches("[\\w.-]+"))
        .toList();
  }
}
