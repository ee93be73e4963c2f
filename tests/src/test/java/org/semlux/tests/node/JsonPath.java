package org.semlux.tests.node;

import java.util.List;
import java.util.Map;

/**
 * Paths as Elasticsearch's stories write them: names and numbers between dots, {@code \.} for a
 * dot.
 */
final class JsonPath {
  private JsonPath() {}

  /** Null where the path leads to nothing; the whole value for {@code $body} and the empty path. */
  static Object at(Object value, String path) {
    if (path.isEmpty() || path.equals("$body")) {
      return value;
    }
    Object here = value;
    for (String step : path.split("(?<!\\\\)\\.")) {
      String name = step.replace("\\.", ".");
      if (here instanceof Map<?, ?> map) {
        here = map.get(name.equals("_arbitrary_key_") ? map.keySet().iterator().next() : name);
      } else if (here instanceof List<?> list && name.matches("\\d+")) {
        int index = Integer.parseInt(name);
        here = index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return here;
  }
}
