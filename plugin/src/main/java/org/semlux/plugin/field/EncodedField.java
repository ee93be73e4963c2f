package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.elasticsearch.core.Nullable;

/**
 * A {@code semlux_text} field of an index, as the index's metadata has it: for nodes that hold no
 * shard of it.
 *
 * @param path with dots
 * @param sources paths of the values that it takes, in order: its own or its parent's, and those
 *     copied to it
 * @param searchModelId encodes queries
 * @param settings null as long as nothing was encoded
 */
record EncodedField(
    String path,
    List<String> sources,
    String modelId,
    String searchModelId,
    EncodingOptions options,
    @Nullable ModelSettings settings) {

  /** All of a mapping, by their paths. */
  static Map<String, EncodedField> of(Map<String, Object> mapping) {
    Map<String, Set<String>> copies = new HashMap<>();
    Map<String, Node> nodes = new TreeMap<>();
    collect("", mapping, nodes, copies);
    Map<String, EncodedField> fields = new TreeMap<>();
    nodes.forEach(
        (path, node) -> {
          Set<String> sources = new TreeSet<>(copies.getOrDefault(node.source, Set.of()));
          sources.add(node.source);
          fields.put(path, of(path, List.copyOf(sources), node.parameters));
        });
    return fields;
  }

  /**
   * @param source path of the value in a document
   */
  private record Node(String source, Map<?, ?> parameters) {}

  private static EncodedField of(String path, List<String> sources, Map<?, ?> node) {
    String modelId = String.valueOf(node.get(SemluxTextFieldMapper.MODEL_ID));
    Object searchModelId = node.get(SemluxTextFieldMapper.SEARCH_MODEL_ID);
    return new EncodedField(
        path,
        sources,
        modelId,
        searchModelId == null ? modelId : searchModelId.toString(),
        EncodingOptions.parse(
            node.get(EncodingOptions.CHUNKING), node.get(EncodingOptions.PRUNING)),
        ModelSettings.parse(node.get(ModelSettings.NAME)));
  }

  private static void collect(
      String prefix, Map<?, ?> object, Map<String, Node> nodes, Map<String, Set<String>> copies) {
    if (!(object.get("properties") instanceof Map<?, ?> properties)) {
      return;
    }
    properties.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> node) {
            String path = prefix + name;
            add(path, path, node, nodes);
            for (String target : targets(node.get("copy_to"))) {
              copies.computeIfAbsent(target, t -> new TreeSet<>()).add(path);
            }
            if (node.get("fields") instanceof Map<?, ?> fields) {
              fields.forEach(
                  (leaf, field) -> {
                    if (field instanceof Map<?, ?> multi) {
                      add(path + "." + leaf, path, multi, nodes);
                    }
                  });
            }
            collect(path + ".", node, nodes, copies);
          }
        });
  }

  /** The type of what has the name of {@link StoredChunksMapper#NAME}; null where nothing has. */
  @Nullable static String chunks(Map<String, Object> mapping) {
    return mapping.get("properties") instanceof Map<?, ?> properties
            && properties.get(StoredChunksMapper.NAME) instanceof Map<?, ?> node
        ? Objects.requireNonNullElse(node.get("type"), "object").toString()
        : null;
  }

  /**
   * What the other names in a mapping stand for: aliases, and what fields of pass-through objects
   * are called beside their paths, the highest priority first.
   */
  static Map<String, String> aliases(Map<String, Object> mapping) {
    Map<String, Map<?, ?>> nodes = new TreeMap<>();
    collect("", mapping, nodes);
    Map<String, String> aliases = new HashMap<>();
    nodes.entrySet().stream()
        .filter(entry -> "passthrough".equals(entry.getValue().get("type")))
        .sorted(Comparator.comparingInt(entry -> priority(entry.getValue())))
        .map(entry -> entry.getKey() + ".")
        .forEach(
            prefix ->
                nodes.keySet().stream()
                    .filter(path -> path.startsWith(prefix))
                    .forEach(path -> aliases.put(path.substring(prefix.length()), path)));
    aliases.keySet().removeAll(nodes.keySet());
    nodes.forEach(
        (path, node) -> {
          if ("alias".equals(node.get("type"))) {
            aliases.put(path, String.valueOf(node.get("path")));
          }
        });
    return aliases;
  }

  private static int priority(Map<?, ?> passThrough) {
    return Integer.parseInt(String.valueOf(passThrough.get("priority")));
  }

  private static void collect(String prefix, Map<?, ?> object, Map<String, Map<?, ?>> nodes) {
    if (object.get("properties") instanceof Map<?, ?> properties) {
      properties.forEach(
          (name, value) -> {
            if (value instanceof Map<?, ?> node) {
              nodes.put(prefix + name, node);
              collect(prefix + name + ".", node, nodes);
            }
          });
    }
  }

  private static void add(String path, String source, Map<?, ?> node, Map<String, Node> nodes) {
    if (SemluxTextFieldMapper.TYPE.equals(node.get("type"))) {
      nodes.put(path, new Node(source, node));
    }
  }

  private static List<String> targets(Object copyTo) {
    List<String> targets = new ArrayList<>();
    if (copyTo instanceof List<?> several) {
      several.forEach(one -> targets.add(String.valueOf(one)));
    } else if (copyTo != null) {
      targets.add(copyTo.toString());
    }
    return targets;
  }

  /**
   * As much of a mapping as says what some fields' vectors are: all else may have become another
   * mapping's by the time that this is merged into it. The parent of a multi-field is named whole,
   * since Elasticsearch takes what that leaves out for a change.
   */
  static Map<String, Object> settingsOnly(
      Map<String, Object> mapping, Map<String, ModelSettings> settings) {
    return part(mapping, settings, false);
  }

  /** The same with those fields whole. */
  static Map<String, Object> withSettings(
      Map<String, Object> mapping, Map<String, ModelSettings> settings) {
    return part(mapping, settings, true);
  }

  private static Map<String, Object> part(
      Map<String, Object> mapping, Map<String, ModelSettings> settings, boolean whole) {
    Map<String, Object> part = children(mapping.get("properties"), "", settings, whole);
    part.put(StoredChunksMapper.NAME, new HashMap<>(Map.of("type", StoredChunksMapper.TYPE)));
    return new HashMap<>(Map.of("properties", part));
  }

  private static Map<String, Object> children(
      @Nullable Object children,
      String prefix,
      Map<String, ModelSettings> settings,
      boolean whole) {
    Map<String, Object> part = new HashMap<>();
    if (children instanceof Map<?, ?> all) {
      all.forEach(
          (name, child) -> {
            if (child instanceof Map<?, ?> node) {
              Map<String, Object> one = node(node, prefix + name, settings, whole);
              if (!one.isEmpty()) {
                part.put((String) name, one);
              }
            }
          });
    }
    return part;
  }

  private static Map<String, Object> node(
      Map<?, ?> node, String path, Map<String, ModelSettings> settings, boolean whole) {
    Map<String, Object> properties = children(node.get("properties"), path + ".", settings, whole);
    Map<String, Object> fields = children(node.get("fields"), path + ".", settings, whole);
    Map<String, Object> one = new HashMap<>();
    if (settings.containsKey(path)) {
      one.putAll(whole ? copy(node) : Map.of("type", SemluxTextFieldMapper.TYPE));
      one.put(ModelSettings.NAME, settings.get(path).toMap());
    } else if (!fields.isEmpty()) {
      one.putAll(copy(node));
    } else if (!properties.isEmpty()) {
      for (String needed : List.of("type", "priority")) { // by pass-through objects
        if (node.get(needed) != null) {
          one.put(needed, node.get(needed));
        }
      }
    }
    if (!fields.isEmpty()) {
      one.put("fields", fields);
    }
    if (!properties.isEmpty()) {
      one.put("properties", properties);
    }
    return one;
  }

  /**
   * One that may be changed, and whose objects may be: parsers of mappings take out what they read.
   */
  static Map<String, Object> copy(Map<?, ?> map) {
    Map<String, Object> copy = new HashMap<>();
    map.forEach(
        (key, value) ->
            copy.put((String) key, value instanceof Map<?, ?> inner ? copy(inner) : value));
    return copy;
  }
}
