package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.xcontent.support.XContentMapValues;

/** The texts that a field takes out of a document's source. */
final class FieldTexts {
  private FieldTexts() {}

  /**
   * Strings, numbers and booleans, in the order of the source; nulls left out. A number is written
   * as the stored source has it, which is not always as it was sent.
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
}
