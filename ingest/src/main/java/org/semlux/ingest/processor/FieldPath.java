package org.semlux.ingest.processor;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Dotted paths in a document, as mappings read them: {@code a.b.c} is a field {@code c} in an
 * object {@code a.b}, or {@code b.c} in {@code a}, or a field that is called {@code a.b.c}. Of
 * several that are there the longest name counts.
 */
final class FieldPath {
  private FieldPath() {}

  /** What is there; null where nothing is. */
  static Object get(Map<String, Object> object, String path) {
    return at(object, path, Map::get);
  }

  /** Takes out what is there, if anything is. */
  static void remove(Map<String, Object> object, String path) {
    at(object, path, Map::remove);
  }

  private static Object at(
      Map<String, Object> object,
      String path,
      BiFunction<Map<String, Object>, String, Object> action) {
    if (object.containsKey(path)) {
      return action.apply(object, path);
    }
    for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      if (object.get(path.substring(0, dot)) instanceof Map<?, ?> child) {
        return at(object(child), path.substring(dot + 1), action);
      }
    }
    return null;
  }

  /**
   * Sets a field, in objects that are made where there are none.
   *
   * @throws IllegalArgumentException where something that is no object is in the way
   */
  static void put(Map<String, Object> object, String path, Object value) {
    Map<String, Object> holder = object;
    String name = path;
    while (!holder.containsKey(name) && name.indexOf('.') > 0) {
      int dot = name.lastIndexOf('.');
      while (dot > 0 && holder.get(name.substring(0, dot)) == null) {
        dot = name.lastIndexOf('.', dot - 1);
      }
      String child = name.substring(0, dot > 0 ? dot : name.indexOf('.'));
      Object next = holder.get(child);
      if (next != null && !(next instanceof Map)) {
        throw new IllegalArgumentException(
            "cannot write field [%s]: [%s] holds a %s, not an object"
                .formatted(path, child, next.getClass().getSimpleName()));
      }
      if (next == null) {
        next = new HashMap<String, Object>();
        holder.put(child, next);
      }
      name = name.substring(child.length() + 1);
      holder = object(next);
    }
    holder.put(name, value);
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }
}
