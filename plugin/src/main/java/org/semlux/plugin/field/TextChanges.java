package org.semlux.plugin.field;

import java.util.Collection;
import java.util.Map;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;

/** Whether an update may change a text that a field takes, or what was made of it. */
final class TextChanges {
  private TextChanges() {}

  /** What a script does is not known: it may. */
  static boolean in(UpdateRequest update, Collection<EncodedField> fields) {
    return update.script() != null
        || in(update.doc(), fields)
        || in(update.upsertRequest(), fields);
  }

  private static boolean in(@Nullable IndexRequest document, Collection<EncodedField> fields) {
    if (document == null) {
      return false;
    }
    Map<String, Object> source =
        XContentHelper.convertToMap(document.source(), false, document.getContentType()).v2();
    return source.containsKey(StoredChunksMapper.NAME)
        || fields.stream()
            .flatMap(field -> field.sources().stream())
            .anyMatch(path -> touches(source, path));
  }

  private static boolean touches(Map<?, ?> object, String path) {
    for (Map.Entry<?, ?> entry : object.entrySet()) {
      String name = (String) entry.getKey();
      boolean within = path.startsWith(name + ".");
      if (path.equals(name)
          || (within
              && (!(entry.getValue() instanceof Map<?, ?> inner)
                  || touches(inner, path.substring(name.length() + 1))))) {
        return true;
      }
    }
    return false;
  }
}
