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
   * Strings, numbers and booleans, in the order of the source; nulls and objects left out. A number
   * is written as the stored source has it, which is not always as it was sent.
   *
   * @param sources paths in order
   * @throws IllegalArgumentException naming a path with bytes, which CBOR and Smile have
   */
  static List<String> of(Map<String, Object> source, Collection<String> sources) {
    List<String> texts = new ArrayList<>();
    for (String path : sources) {
      for (Object value : XContentMapValues.extractRawValues(path, source)) {
        if (value instanceof byte[]) {
          throw new IllegalArgumentException(
              "a field of type [semlux_text] takes texts, numbers, booleans and arrays of them, but [%s] holds bytes"
                  .formatted(path));
        }
        texts.add(value.toString());
      }
    }
    return texts;
  }
}
