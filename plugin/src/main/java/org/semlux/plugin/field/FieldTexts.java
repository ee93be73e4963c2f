package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.xcontent.support.XContentMapValues;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.xcontent.XContentParser;

/** The texts that a field takes out of a document's source. */
final class FieldTexts {
  private FieldTexts() {}

  /**
   * Strings, numbers and booleans, in the order of the source; nulls left out.
   *
   * @param sources paths in order
   */
  static List<String> of(Map<String, Object> source, Collection<String> sources) {
    List<String> texts = new ArrayList<>();
    for (String path : sources) {
      for (Object value : XContentMapValues.extractRawValues(path, source)) {
        texts.add(value.toString());
      }
    }
    return texts;
  }

  /** A value of a source with numbers and booleans as the strings that a text field indexes. */
  @Nullable static Object asWritten(XContentParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> parser.map(LinkedHashMap::new, FieldTexts::asWritten);
      case START_ARRAY -> {
        List<Object> values = new ArrayList<>();
        while (parser.nextToken() != XContentParser.Token.END_ARRAY) {
          values.add(asWritten(parser));
        }
        yield values;
      }
      default -> parser.textOrNull();
    };
  }

  /** A value of a source with its own types. */
  @Nullable static Object plain(XContentParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> parser.mapOrdered();
      case START_ARRAY -> parser.listOrderedMap();
      default -> parser.textOrNull();
    };
  }
}
