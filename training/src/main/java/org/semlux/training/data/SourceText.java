package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Text out of a document's source, where a field may hold one value, several or none.
 *
 * {@snippet lang=java :
 * JsonObject source = StrictJson.object("a document", "{\"tags\": [\"river\", \"rain\"]}");
 * SourceText.of(source, "tags"); // "river\nrain"
 * SourceText.of(source, "title"); // ""
 * }
 */
public final class SourceText {
  private SourceText() {}

  /**
   * The text of a field; several values stand one below the other.
   *
   * @param field a path with dots, which names of the source may hold too
   * @return empty where there is none
   */
  public static String of(JsonObject source, String field) {
    List<String> texts = new ArrayList<>();
    collect(source, field, texts);
    return String.join("\n", texts);
  }

  private static void collect(JsonElement value, String path, List<String> texts) {
    if (value == null || value.isJsonNull()) {
      return;
    }
    if (value.isJsonArray()) {
      value.getAsJsonArray().forEach(one -> collect(one, path, texts));
    } else if (path.isEmpty()) {
      if (value.isJsonPrimitive()) {
        texts.add(value.getAsString());
      }
    } else if (value.isJsonObject()) {
      JsonObject object = value.getAsJsonObject();
      collect(object.get(path), "", texts);
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        collect(object.get(path.substring(0, dot)), path.substring(dot + 1), texts);
      }
    }
  }
}
