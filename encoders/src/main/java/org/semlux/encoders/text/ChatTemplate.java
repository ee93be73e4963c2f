package org.semlux.encoders.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelException;

/**
 * A chat template, as far as rerankers need one: text with the contents of messages in it, of which
 * there is one a role. Of Jinja it knows {@code {{ … }}}, {@code {% set … %}} and comments, and in
 * them names, texts, {@code selectattr("role", "eq", …)}, {@code map(attribute="content")}, {@code
 * first}, {@code default} and {@code .content}; anything else is refused by name. White space goes
 * as Transformers sets it: with {@code trim_blocks} and {@code lstrip_blocks}.
 */
final class ChatTemplate {
  /** What a render knows: contents by role, and names that were set; null where there is none. */
  private record Scope(Map<String, String> contents, Map<String, String> names) {}

  /** One of a template's parts: adds to the text, or sets a name. */
  private interface Part {
    void render(Scope scope, StringBuilder text);
  }

  /** What to do about a template that cannot be taken. */
  static final String REMEDY =
      "write the model's prompt as a chat_template.jinja that prints the messages of the roles query"
          + " and document, such as {{ messages | selectattr(\"role\", \"eq\", \"query\") |"
          + " map(attribute=\"content\") | first }}";

  private static final Pattern TAG =
      Pattern.compile("\\{([%{#])([-+]?)(.*?)([-+]?)[%}#]}", Pattern.DOTALL);

  private static final Pattern SET = Pattern.compile("set\\s+(\\w+)\\s*=\\s*(.+)", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("\\w+");

  /** The content of the only message of a role, in the ways that templates write it. */
  private static final Pattern CONTENT =
      Pattern.compile(
          "\\(?\\s*messages\\s*\\|\\s*selectattr\\(\\s*[\"']role[\"']\\s*,\\s*[\"'](?:eq|equalto|==)[\"']"
              + "\\s*,\\s*[\"'](\\w+)[\"']\\s*\\)\\s*\\|\\s*"
              + "(?:map\\(\\s*attribute\\s*=\\s*[\"']content[\"']\\s*\\)\\s*\\|\\s*first\\s*\\)?"
              + "|first\\s*\\)\\s*(?:\\.\\s*content|\\[\\s*[\"']content[\"']\\s*]))");

  private static final Pattern DEFAULT =
      Pattern.compile(
          "(.+?)\\|\\s*default\\(\\s*(\"[^\"\\\\]*\"|'[^'\\\\]*')\\s*(?:,\\s*(?:boolean\\s*=\\s*)?(true|false))?\\s*\\)\\s*",
          Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private static final Pattern LITERAL = Pattern.compile("\"([^\"\\\\]*)\"|'([^'\\\\]*)'");

  private final String model;
  private final List<Part> parts = new ArrayList<>();

  private ChatTemplate(String model) {
    this.model = model;
  }

  /**
   * Reads a template.
   *
   * @throws ModelException when it holds what is not known here, naming it
   */
  static ChatTemplate of(String model, String source) {
    ChatTemplate template = new ChatTemplate(model);
    template.parse(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    return template;
  }

  private void parse(String source) {
    Matcher tag = TAG.matcher(source);
    int from = 0;
    boolean strips = false;
    boolean behindBlock = false;
    while (tag.find(from)) {
      boolean prints = tag.group(1).equals("{");
      String text = text(source.substring(from, tag.start()), strips, behindBlock);
      if (tag.group(2).equals("-")) {
        text = text.stripTrailing();
      } else if (!prints && tag.group(2).isEmpty()) {
        text = text.replaceFirst("(^|\\n)[ \\t]*$", "$1");
      }
      addText(text);
      addTag(tag.group(1), tag.group(3).strip());
      from = tag.end();
      strips = tag.group(4).equals("-");
      behindBlock = !prints && tag.group(4).isEmpty();
    }
    addText(text(source.substring(from), strips, behindBlock));
  }

  private static String text(String text, boolean strips, boolean behindBlock) {
    if (strips) {
      return text.stripLeading();
    }
    return behindBlock && text.startsWith("\n") ? text.substring(1) : text;
  }

  private void addText(String text) {
    if (text.contains("{%") || text.contains("{{")) {
      throw refuse(text.substring(text.indexOf('{')));
    }
    parts.add((scope, out) -> out.append(text));
  }

  private void addTag(String kind, String inside) {
    switch (kind) {
      case "#" -> {
        // a comment
      }
      case "{" -> {
        Function<Scope, String> value = expression(inside);
        parts.add(
            (scope, out) -> {
              String printed = value.apply(scope);
              out.append(printed == null ? "" : printed);
            });
      }
      default -> {
        Matcher set = SET.matcher(inside);
        if (!set.matches()) {
          throw refuse(inside);
        }
        Function<Scope, String> value = expression(set.group(2).strip());
        String name = set.group(1);
        parts.add((scope, out) -> scope.names.put(name, value.apply(scope)));
      }
    }
  }

  private Function<Scope, String> expression(String written) {
    String bare = unwrapped(written);
    Matcher matcher = DEFAULT.matcher(bare);
    if (matcher.matches()) {
      Function<Scope, String> value = expression(matcher.group(1).strip());
      String otherwise = unquoted(matcher.group(2));
      boolean ofEmpty = "true".equalsIgnoreCase(matcher.group(3));
      return scope -> {
        String found = value.apply(scope);
        return found == null || (ofEmpty && found.isEmpty()) ? otherwise : found;
      };
    }
    matcher = CONTENT.matcher(bare);
    if (matcher.matches()) {
      String role = matcher.group(1);
      return scope -> scope.contents.get(role);
    }
    if (LITERAL.matcher(bare).matches()) {
      return scope -> unquoted(bare);
    }
    if (WORD.matcher(bare).matches()) {
      return scope -> scope.names.get(bare);
    }
    throw refuse(written);
  }

  /** Without parentheses around all of it. */
  private static String unwrapped(String written) {
    if (!written.startsWith("(") || !written.endsWith(")")) {
      return written;
    }
    int depth = 0;
    for (int i = 0; i < written.length() - 1; i++) {
      char character = written.charAt(i);
      depth += character == '(' ? 1 : character == ')' ? -1 : 0;
      if (depth == 0) {
        return written;
      }
    }
    return unwrapped(written.substring(1, written.length() - 1).strip());
  }

  private static String unquoted(String literal) {
    return literal.substring(1, literal.length() - 1);
  }

  private ModelException refuse(String construct) {
    return ModelException.of(
        model,
        "its chat template holds ["
            + ModelException.brief(construct)
            + "], supported are texts with the content of the messages of the roles system, query"
            + " and document: "
            + REMEDY);
  }

  /**
   * The text of a conversation.
   *
   * @param contents of its messages by their roles
   */
  String render(Map<String, String> contents) {
    Scope scope = new Scope(contents, new HashMap<>());
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> part.render(scope, text));
    return text.toString();
  }
}
