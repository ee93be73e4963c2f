package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** A mapping with what a model's vectors are; the mapping given stays as it is. */
  static Map<String, Object> withSettings(
      Map<String, Object> mapping, Map<String, ModelSettings> settings) {
    Map<String, Object> copy = copy(mapping);
    settings.forEach((path, known) -> put(copy, "", path, known));
    properties(copy)
        .putIfAbsent(
            StoredChunksMapper.NAME, new HashMap<>(Map.of("type", StoredChunksMapper.TYPE)));
    return copy;
  }

  private static void put(
      Map<String, Object> object, String prefix, String path, ModelSettings settings) {
    for (String holder : List.of("properties", "fields")) {
      if (object.get(holder) instanceof Map<?, ?> children) {
        children.forEach(
            (name, child) -> {
              String full = prefix + name;
              if (child instanceof Map<?, ?> raw) {
                @SuppressWarnings("unchecked") // of our own making, see copy
                Map<String, Object> node = (Map<String, Object>) raw;
                if (full.equals(path)) {
                  node.put(ModelSettings.NAME, settings.toMap());
                } else if (path.startsWith(full + ".")) {
                  put(node, full + ".", path, settings);
                }
              }
            });
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> properties(Map<String, Object> mapping) {
    return (Map<String, Object>)
        mapping.computeIfAbsent("properties", name -> new HashMap<String, Object>());
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
