package org.semlux.plugin.retriever;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.elasticsearch.search.SearchHit;

/** Values of fields as a search's {@code fields} return them. */
final class HitText {
  private HitText() {}

  /** A field's values; none where the hit has none. */
  static List<Object> values(SearchHit hit, String field) {
    return values(name -> hit.field(name) == null ? null : hit.field(name).getValues(), field);
  }

  /** Those of a nested field are in the objects of its parent, under the rest of its name. */
  private static List<Object> values(Function<String, List<?>> fields, String name) {
    List<?> own = fields.apply(name);
    if (own != null) {
      return List.copyOf(own);
    }
    List<Object> values = new ArrayList<>();
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      List<?> parents = fields.apply(name.substring(0, dot));
      String rest = name.substring(dot + 1);
      for (Object parent : parents == null ? List.of() : parents) {
        if (parent instanceof Map<?, ?> object) {
          values.addAll(values(child -> (List<?>) object.get(child), rest));
        }
      }
    }
    return values;
  }
}
