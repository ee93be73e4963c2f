package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.common.xcontent.support.XContentMapValues;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/** The texts that a field takes out of a document's source. */
final class FieldTexts {
  private FieldTexts() {}

  /** Some fields of a document; names may have dots, as in {@code {"a.b":…}}. */
  static Map<String, Object> read(BytesReference document, XContentType type, Set<String> paths)
      throws IOException {
    try (XContentParser parser =
        XContentHelper.createParserNotCompressed(
            XContentParserConfiguration.EMPTY.withFiltering(paths, null, true), document, type)) {
      return parser.mapOrdered();
    }
  }

  /**
   * Strings, numbers and booleans, in the order of the source; nulls left out. A number is written
   * as the stored source has it, which is not always as it was sent.
   *
   * @param sources paths in order
   * @throws IllegalArgumentException naming a path with an object, as a point or a completion has:
   *     Elasticsearch gives what stands below such a field another text than its own
   */
  static List<String> of(Map<String, Object> source, Collection<String> sources) {
    List<String> texts = new ArrayList<>();
    for (String path : sources) {
      if (holdsObject(XContentMapValues.extractValue(path, source))) {
        throw new IllegalArgumentException(
            "a field of type [semlux_text] takes texts, numbers, booleans and arrays of them, but [%s] holds an object"
                .formatted(path));
      }
      for (Object value : XContentMapValues.extractRawValues(path, source)) {
        texts.add(value.toString());
      }
    }
    return texts;
  }

  private static boolean holdsObject(@Nullable Object value) {
    return value instanceof Map<?, ?>
        || (value instanceof List<?> list && list.stream().anyMatch(FieldTexts::holdsObject));
  }
}
