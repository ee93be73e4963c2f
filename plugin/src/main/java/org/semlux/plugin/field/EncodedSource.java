package org.semlux.plugin.field;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.bytes.CompositeBytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.json.JsonXContent;

/**
 * Puts what was made of a document's fields into its source, or takes it out. The rest of a JSON
 * source stays byte for byte, since 1.10 and 1.1 are two keywords; other formats are written anew,
 * value by value.
 */
final class EncodedSource {
  private EncodedSource() {}

  /** A source with this instead of what it holds of the kind. */
  static BytesReference with(
      BytesReference source, XContentType type, Collection<EncodedText> encoded)
      throws IOException {
    BytesReference spliced =
        type.canonical() == XContentType.JSON ? splice(source, type, encoded) : null;
    return spliced == null ? rewrite(source, type, encoded) : spliced;
  }

  /** A source without anything of the kind: itself where it holds none. */
  static BytesReference without(BytesReference source, XContentType type) throws IOException {
    return mentions(source, StoredChunksMapper.NAME) && holds(source, type)
        ? with(source, type, List.of())
        : source;
  }

  /** Whether these bytes stand anywhere in it. */
  static boolean mentions(BytesReference source, String name) {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    for (int at = source.indexOf(wanted[0], 0); at >= 0; at = source.indexOf(wanted[0], at + 1)) {
      int same = 1;
      while (same < wanted.length
          && at + same < source.length()
          && source.get(at + same) == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return true;
      }
    }
    return false;
  }

  private static XContentParser parser(BytesReference source, XContentType type)
      throws IOException {
    XContentParser parser =
        XContentHelper.createParserNotCompressed(XContentParserConfiguration.EMPTY, source, type);
    parser.nextToken();
    return parser;
  }

  private static boolean holds(BytesReference source, XContentType type) throws IOException {
    try (XContentParser parser = parser(source, type)) {
      while (parser.nextToken() == XContentParser.Token.FIELD_NAME) {
        if (parser.currentName().equals(StoredChunksMapper.NAME)) {
          return true;
        }
        parser.nextToken();
        parser.skipChildren();
      }
      return false;
    }
  }

  /**
   * @param start of its name
   * @param ours whether it is what is put in and taken out
   */
  private record Member(int start, boolean ours) {}

  /** Cuts a JSON source between its members; null where it is not written plainly. */
  @Nullable private static BytesReference splice(
      BytesReference source, XContentType type, Collection<EncodedText> encoded)
      throws IOException {
    JsonPlaces places = new JsonPlaces(source);
    List<Member> members = new ArrayList<>();
    int end;
    try (XContentParser parser = parser(source, type)) {
      while (parser.nextToken() == XContentParser.Token.FIELD_NAME) {
        int start = places.of(parser.getTokenLocation(), '"');
        members.add(new Member(start, parser.currentName().equals(StoredChunksMapper.NAME)));
        parser.nextToken();
        parser.skipChildren();
      }
      end = places.of(parser.getTokenLocation(), '}');
    }
    if (end < 0 || members.stream().anyMatch(member -> member.start < 0)) {
      return null;
    }
    List<BytesReference> parts = new ArrayList<>();
    parts.add(source.slice(0, members.isEmpty() ? end : members.get(0).start));
    boolean comma = true; // nothing, or one, is before what follows
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      if (!member.ours) {
        boolean last = i + 1 == members.size();
        int next = last ? end : members.get(i + 1).start;
        parts.add(source.slice(member.start, next - member.start));
        comma = !last;
      }
    }
    if (!encoded.isEmpty()) {
      parts.add(new BytesArray((comma ? "" : ",") + member(encoded)));
    } else if (comma && parts.size() > 1) {
      BytesReference before = withoutComma(parts.removeLast());
      if (before == null) {
        return null;
      }
      parts.add(before);
    }
    parts.add(source.slice(end, source.length() - end));
    BytesReference all = CompositeBytesReference.of(parts.toArray(BytesReference[]::new));
    return new BytesArray(BytesReference.toBytes(all)); // parsers are fast on one array
  }

  private static String member(Collection<EncodedText> encoded) throws IOException {
    try (XContentBuilder builder = JsonXContent.contentBuilder()) {
      builder.startObject();
      write(builder, encoded);
      String object = Strings.toString(builder.endObject());
      return object.substring(1, object.length() - 1);
    }
  }

  /** A member without the comma at its end; null where that may be in a comment, up to its line. */
  @Nullable private static BytesReference withoutComma(BytesReference member) {
    String text = member.utf8ToString();
    String stripped = text.stripTrailing();
    String gap = text.substring(stripped.length());
    boolean lineEnds = gap.indexOf('\n') >= 0 || gap.indexOf('\r') >= 0;
    return stripped.endsWith(",") && !(lineEnds && text.contains("//"))
        ? new BytesArray(stripped.substring(0, stripped.length() - 1))
        : null;
  }

  private static void write(XContentBuilder builder, Collection<EncodedText> encoded)
      throws IOException {
    builder.startArray(StoredChunksMapper.NAME);
    for (EncodedText one : encoded) {
      builder.value(one);
    }
    builder.endArray();
  }

  private static BytesReference rewrite(
      BytesReference source, XContentType type, Collection<EncodedText> encoded)
      throws IOException {
    try (XContentBuilder builder = XContentBuilder.builder(type.xContent());
        XContentParser parser = parser(source, type)) {
      builder.startObject();
      while (parser.nextToken() == XContentParser.Token.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(StoredChunksMapper.NAME)) {
          parser.skipChildren();
        } else {
          builder.field(name);
          copy(builder, parser, isText(type));
        }
      }
      if (!encoded.isEmpty()) {
        write(builder, encoded);
      }
      return BytesReference.bytes(builder.endObject());
    }
  }

  /** Whether numbers are digits. */
  private static boolean isText(XContentType type) {
    return type.canonical() == XContentType.JSON || type.canonical() == XContentType.YAML;
  }

  /**
   * Copies a value.
   *
   * @param digits whether fractions have more of these than a double; elsewhere a copy is exact
   */
  private static void copy(XContentBuilder builder, XContentParser parser, boolean digits)
      throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        builder.startObject();
        while (parser.nextToken() == XContentParser.Token.FIELD_NAME) {
          builder.field(parser.currentName());
          parser.nextToken();
          copy(builder, parser, digits);
        }
        builder.endObject();
      }
      case START_ARRAY -> {
        builder.startArray();
        while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
          copy(builder, parser, digits);
        }
        builder.endArray();
      }
      case VALUE_NUMBER -> {
        BigDecimal number = digits ? fraction(parser) : null;
        if (number == null) {
          builder.copyCurrentStructure(parser);
        } else {
          builder.value(number);
        }
      }
      default -> builder.copyCurrentStructure(parser);
    }
  }

  @Nullable private static BigDecimal fraction(XContentParser parser) throws IOException {
    switch (parser.numberType()) {
      case FLOAT, DOUBLE -> {
        try {
          return new BigDecimal(parser.text());
        } catch (NumberFormatException e) { // such as .inf in YAML
          return null;
        }
      }
      default -> {
        return null;
      }
    }
  }
}
