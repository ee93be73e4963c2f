package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.xcontent.XContentLocation;

/** Where a parser's lines and columns are among the bytes of JSON in UTF-8. */
final class JsonPlaces {
  private final BytesReference json;
  private final List<Integer> lines = new ArrayList<>(); // where each begins

  JsonPlaces(BytesReference json) {
    this.json = json;
    lines.add(0);
    for (int at = 0; at < json.length(); at++) {
      byte here = json.get(at);
      boolean first = here == '\r' && at + 1 < json.length() && json.get(at + 1) == '\n';
      if (here == '\n' || (here == '\r' && !first)) {
        lines.add(at + 1);
      }
    }
  }

  /**
   * Where a token begins.
   *
   * @return -1 where another character than the expected one stands there
   */
  int of(XContentLocation place, char expected) {
    int at = lines.get(place.lineNumber() - 1) + place.columnNumber() - 1;
    return at >= 0 && at < json.length() && json.get(at) == expected ? at : -1;
  }
}
