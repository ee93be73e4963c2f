package org.semlux.training.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.StrictJson;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What stands before the texts of rows while a model learns: the argument {@code prompts} of
 * sentence-transformers' trainer, which is one text for all, or an object of texts by column, by
 * data set, or by data set and column.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.prompts =
 *     new TrainingPrompts(
 *         StrictJson.parse("{\"anchor\": \"query: \", \"positive\": \"passage: \"}"));
 * }
 *
 * @param asked a text, or an object of texts and of objects of texts
 */
public record TrainingPrompts(JsonElement asked) {
  /** The beginnings of JSON, and of a file of arguments. */
  private static final Pattern MARKED = Pattern.compile("@|\\s*[{\"]");

  /** Reads a JSON object, or a JSON text; all else is the one text as it stands. */
  static final class Converter implements ITypeConverter<TrainingPrompts> {
    @Override
    public TrainingPrompts convert(String text) {
      String start = text.strip();
      boolean quoted = start.length() > 1 && start.startsWith("\"") && start.endsWith("\"");
      if (!quoted && !start.startsWith("{")) {
        return new TrainingPrompts(new JsonPrimitive(text));
      }
      String problem = "it holds a value that is no text";
      try {
        JsonElement json = StrictJson.parse(text);
        if (isText(json)
            || json.getAsJsonObject().asMap().values().stream()
                .allMatch(Converter::isTextOrTexts)) {
          return new TrainingPrompts(json);
        }
      } catch (JsonParseException e) {
        problem = e.getMessage();
      }
      throw new TypeConversionException(
          "'%s' is no JSON object of texts, such as {\"anchor\": \"query: \"}: %s"
              .formatted(text, problem));
    }

    private static boolean isTextOrTexts(JsonElement value) {
      return isText(value)
          || (value.isJsonObject()
              && value.getAsJsonObject().asMap().values().stream().allMatch(Converter::isText));
    }

    private static boolean isText(JsonElement value) {
      return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }
  }

  /** Before each column of a file; empty where nothing is asked for. */
  List<String> of(TrainingFile file) {
    JsonElement prompts = asked(file);
    return file.rows().columns().stream()
        .map(column -> prompts.isJsonObject() ? prompts.getAsJsonObject().get(column) : prompts)
        .map(prompt -> prompt == null || prompt.isJsonObject() ? "" : prompt.getAsString())
        .toList();
  }

  private JsonElement asked(TrainingFile file) {
    boolean own = asked.isJsonObject() && asked.getAsJsonObject().has(file.name());
    return own ? asked.getAsJsonObject().get(file.name()) : asked;
  }

  /**
   * Refuses names of columns and data sets that are not there, or there twice; a cross-encoder
   * reads the texts of a row as pairs, so that no column of it has a prompt of its own.
   *
   * @throws IllegalArgumentException that names them
   */
  public void check(List<TrainingFile> files, EncoderKind kind) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> known = new LinkedHashSet<>();
    for (TrainingFile file : files) {
      if (!names.add(file.name()) && asked(file) != asked) {
        throw new IllegalArgumentException(
            "--prompts names [%s], and several files are called so, [%s] too: give one another name"
                .formatted(file.name(), file.file()));
      }
      List<String> columns = kind == EncoderKind.CROSS ? List.of() : file.rows().columns();
      known.addAll(columns);
      known.add(file.name());
      if (asked(file) != asked) {
        requireKnown(asked(file), columns);
      }
    }
    requireKnown(asked, known);
    for (String name : names(asked)) {
      if (asked.getAsJsonObject().get(name).isJsonObject() && !names.contains(name)) {
        throw new IllegalArgumentException(
            "--prompts has an object for [%s], which is none of the files %s: give a column a text"
                .formatted(name, names));
      }
    }
  }

  private static void requireKnown(JsonElement prompts, Collection<String> known) {
    Set<String> strange = new LinkedHashSet<>(names(prompts));
    strange.removeAll(known);
    if (!strange.isEmpty()) {
      throw new IllegalArgumentException(
          "--prompts names %s, which is none of %s".formatted(strange, known));
    }
  }

  /** As the option takes it: a text as it stands unless it would be read as something else. */
  @Override
  public String toString() {
    return asked.isJsonObject() || MARKED.matcher(asked.getAsString()).lookingAt()
        ? asked.toString()
        : asked.getAsString();
  }

  private static Set<String> names(JsonElement prompts) {
    return prompts.isJsonObject() ? prompts.getAsJsonObject().keySet() : Set.of();
  }
}
