package org.semlux.plugin.mapping;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.util.Maps;

/**
 * A field of a mapping that holds values of its own: no object, alias or runtime field, and no
 * multi-field, which lives on its parent's value.
 *
 * @param path with dots
 * @param parameters as the mapping has them
 */
record MappedField(String path, Map<String, Object> parameters) {
  /** All of a mapping. */
  static List<MappedField> of(Map<String, Object> mapping) {
    List<MappedField> fields = new ArrayList<>();
    collect("", mapping, fields);
    return fields;
  }

  private static void collect(String prefix, Map<String, Object> object, List<MappedField> fields) {
    object(object, "properties")
        .forEach(
            (name, value) -> {
              Map<String, Object> field = map(value);
              String path = prefix + name;
              if (isObject(field)) {
                collect(path + ".", field, fields);
              } else if (!"alias".equals(field.get("type"))) {
                fields.add(new MappedField(path, field));
              }
            });
  }

  /** Whether what a mapping says of a name makes it a holder of fields. */
  static boolean isObject(Map<String, Object> field) {
    return switch ((String) field.getOrDefault("type", "object")) {
      case "object", "nested", "passthrough" -> true;
      default -> false;
    };
  }

  /** Those that get what others copy to them. */
  static Set<String> copyTargets(List<MappedField> fields) {
    Set<String> targets = new HashSet<>();
    for (MappedField field : fields) {
      targets.addAll(field.copyTo());
    }
    return targets;
  }

  private List<String> copyTo() {
    Object targets = parameters.get("copy_to");
    return targets == null
        ? List.of()
        : (targets instanceof List<?> many ? many : List.of(targets))
            .stream().map(String::valueOf).toList();
  }

  String type() {
    return (String) parameters.get("type");
  }

  /** Whether the index keeps nothing of it: neither terms nor columns nor values. */
  boolean isIdle() {
    return is("index", false)
        && is("doc_values", false)
        && !is("store", true)
        && object(parameters, "fields").isEmpty()
        && copyTo().isEmpty();
  }

  private boolean is(String parameter, boolean value) {
    return String.valueOf(value).equals(String.valueOf(parameters.get(parameter)));
  }

  /** An object within a mapping; empty where there is none. */
  static Map<String, Object> object(Map<String, Object> holder, String name) {
    return holder.get(name) instanceof Map<?, ?> ? map(holder.get(name)) : Map.of();
  }

  private static Map<String, Object> map(Object value) {
    Map<?, ?> raw = (Map<?, ?>) value;
    Map<String, Object> map = Maps.newLinkedHashMapWithExpectedSize(raw.size());
    raw.forEach((name, content) -> map.put((String) name, content));
    return map;
  }
}
