package org.semlux.encoders.text;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder.Module;

/**
 * The chat templates of a tokenizer, where Transformers looks for them: in files, one of its own
 * and any number that have names, and else in {@code tokenizer_config.json}. Messages go into the
 * one that is called {@code default}, as the file of its own is.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("reranker");
 * for (Path template : ChatTemplates.named(folder)) {
 *   System.out.println(template); // such as reranker/additional_chat_templates/tool_use.jinja
 * }
 * }
 */
public final class ChatTemplates {
  /** Where those lie that have names, in the tokenizer's folder. */
  public static final String FOLDER = "additional_chat_templates";

  static final String FILE = "chat_template.jinja";

  private static final String ENDING = ".jinja";
  private static final String KEY = "chat_template";
  private static final String DEFAULT = "default";

  /** In these the reference sees that a template takes contents in parts. */
  private static final List<String> STRUCTURED =
      List.of("content[0]", ".type", "'type'", "\"type\"", "item.type", "message.content[");

  private final String model;
  private final JsonFile settings;
  private final boolean hasFile;
  private final Map<String, Path> files = new TreeMap<>();

  /** Looks which ones a module has; their texts are read when they are asked for. */
  ChatTemplates(String model, Module module) throws IOException {
    this.model = model;
    this.settings = module.config("tokenizer_config.json");
    Path file = module.folder().resolve(FILE);
    this.hasFile = Files.isRegularFile(file);
    if (hasFile) {
      files.put(DEFAULT, file);
    }
    for (Path named : named(module.folder())) {
      String name = named.getFileName().toString();
      files.put(name.substring(0, name.length() - ENDING.length()), named);
    }
  }

  /** Whether a file of {@value #FOLDER} is a template, by its name. */
  public static boolean isNamed(String file) {
    return file.endsWith(ENDING);
  }

  /**
   * The files of templates that have names, sorted.
   *
   * @param folder the tokenizer's
   */
  public static List<Path> named(Path folder) throws IOException {
    Path inside = folder.resolve(FOLDER);
    if (!Files.isDirectory(inside)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(inside)) {
      return all.filter(file -> isNamed(file.getFileName().toString()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  /** Where they stand, for messages; nowhere where there is none. */
  List<String> places() {
    List<String> places = new ArrayList<>();
    if (hasFile) {
      places.add(FILE);
    }
    if (isFolder()) {
      places.add(FOLDER);
    }
    if (settings.has(KEY)) {
      places.add("[" + KEY + "] in tokenizer_config.json");
    }
    return places;
  }

  private boolean isFolder() {
    return files.values().stream().anyMatch(file -> !file.endsWith(FILE));
  }

  /** Those of the tokenizer's settings, where these list them by name. */
  private Map<String, String> listed() throws IOException {
    Map<String, String> templates = new TreeMap<>();
    JsonElement written = settings.object().get(KEY);
    if (written != null && written.isJsonArray()) {
      for (JsonElement template : written.getAsJsonArray()) {
        if (!template.isJsonObject()) {
          throw new ModelFileException(
              settings.name() + ": \"" + KEY + "\" lists what is no template with a name");
        }
        JsonFile one = new JsonFile(settings.file(), template.getAsJsonObject());
        templates.put(one.requireString("name"), one.requireString("template"));
      }
    }
    return templates;
  }

  /** How the reference gives messages to them: {@code structured} where they have names. */
  String format() throws IOException {
    if (files.isEmpty() ? !listed().isEmpty() : !files.keySet().equals(Set.of(DEFAULT))) {
      return "structured";
    }
    String source = source();
    boolean parts = source.isEmpty() || STRUCTURED.stream().anyMatch(source::contains);
    return parts ? "structured" : "flat";
  }

  /** The text of the default. */
  String source() throws IOException {
    Map<String, String> listed = listed();
    if (files.containsKey(DEFAULT)) {
      return read(files.get(DEFAULT));
    }
    if (files.isEmpty() && listed.containsKey(DEFAULT)) {
      return listed.get(DEFAULT);
    }
    Set<String> names = files.isEmpty() ? listed.keySet() : files.keySet();
    if (!names.isEmpty()) {
      throw ModelException.of(
          model,
          "none of its chat templates %s is the default: write the one that is meant as %s"
              .formatted(ModelException.brief(names.toString()), FILE));
    }
    String written = settings.getString(KEY, "");
    if (written.isEmpty()) {
      throw ModelException.of(model, "it is asked by messages, and has no " + FILE);
    }
    return written;
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ModelFileException(file.getFileName() + " is not written in UTF-8", e);
    }
  }

  /** What to do about messages that go into them in parts. */
  String remedy() {
    return (isFolder() ? "take " + FOLDER + " away, and " : "") + ChatTemplate.REMEDY;
  }
}
