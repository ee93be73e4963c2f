package org.semlux.plugin.mapping;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.mapper.SourceFieldMapper;
import org.elasticsearch.search.lookup.Source;
import org.elasticsearch.search.lookup.SourceFilter;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.json.JsonXContent;

/**
 * What the {@code _source} of an index keeps of the documents that it was sent: a document that is
 * written again from it loses the rest.
 *
 * <p>{@code includes} and {@code excludes} are Elasticsearch's own filter, put to a document that
 * has all the fields in question. Vectors that {@code index.mapping.exclude_source_vectors} leaves
 * out are no loss: a search that asks for them gets them back from the index.
 */
public final class KeptSource {
  private static final Set<String> GEOMETRY =
      Set.of("lat", "lon", "x", "y", "z", "type", "coordinates", "geometries", "orientation");
  private static final Set<String> RANGE = Set.of("gt", "gte", "lt", "lte");

  /** Fields whose values may be objects, of which a filter can take a part: with their keys. */
  private static final Map<String, Set<String>> PARTS =
      Map.ofEntries(
          Map.entry("geo_point", GEOMETRY),
          Map.entry("geo_shape", GEOMETRY),
          Map.entry("point", GEOMETRY),
          Map.entry("shape", GEOMETRY),
          Map.entry("integer_range", RANGE),
          Map.entry("float_range", RANGE),
          Map.entry("long_range", RANGE),
          Map.entry("double_range", RANGE),
          Map.entry("date_range", RANGE),
          Map.entry("ip_range", RANGE),
          Map.entry("join", Set.of("name", "parent")),
          Map.entry("completion", Set.of("input", "weight", "contexts")),
          Map.entry("histogram", Set.of("values", "counts")),
          Map.entry("aggregate_metric_double", Set.of("min", "max", "sum", "value_count")));

  /** Those with any keys. */
  private static final Set<String> OPEN =
      Set.of(
          "flattened",
          "percolator",
          "exponential_histogram",
          "rank_features",
          "sparse_vector",
          "semantic_text");

  private final String index;
  private final Map<String, Object> mapping;
  private final String[] includes;
  private final String[] excludes;

  /**
   * @throws IllegalArgumentException where the index keeps no {@code _source}, or one that is made
   *     up of its fields: that merges objects of an array and sorts values
   */
  public KeptSource(IndexMetadata metadata) {
    index = metadata.getIndex().getName();
    mapping = metadata.mapping() == null ? Map.of() : metadata.mapping().sourceAsMap();
    Map<String, Object> source = MappedField.object(mapping, "_source");
    String mode =
        IndexSettings.INDEX_MAPPER_SOURCE_MODE_SETTING.exists(metadata.getSettings())
                || !source.containsKey("mode")
            ? IndexSettings.INDEX_MAPPER_SOURCE_MODE_SETTING.get(metadata.getSettings()).toString()
            : String.valueOf(source.get("mode"));
    if ("false".equals(String.valueOf(source.get("enabled")))
        || mode.equalsIgnoreCase(SourceFieldMapper.Mode.DISABLED.name())) {
      throw new IllegalArgumentException(
          "index [%s] keeps no [_source], of which its documents could be written again: index them anew"
              .formatted(index));
    }
    if (!mode.equalsIgnoreCase(SourceFieldMapper.Mode.STORED.name())) {
      throw new IllegalArgumentException(
          "index [%s] has a [_source] of mode [%s], which is not what was sent: documents written again could lose values, so index them anew"
              .formatted(index, mode.toLowerCase(Locale.ROOT)));
    }
    includes = patterns(source, "includes");
    excludes = patterns(source, "excludes");
  }

  private static String[] patterns(Map<String, Object> source, String name) {
    Object patterns = source.get(name);
    return patterns == null
        ? new String[0]
        : (patterns instanceof Collection<?> many ? many : List.of(patterns))
            .stream().map(String::valueOf).toArray(String[]::new);
  }

  /** Whether it is all that was sent. */
  public boolean isComplete() {
    return includes.length == 0 && excludes.length == 0;
  }

  /**
   * Mapped fields that it lacks wholly or in part, in order. A field that others copy to is one
   * only where an exclusion names it: then documents bring values of its own.
   */
  public Set<String> lostFields() {
    List<MappedField> fields = MappedField.of(mapping);
    Set<String> lost = lost(fields.stream().map(MappedField::path).toList());
    Set<String> copies = MappedField.copyTargets(fields);
    for (MappedField field : fields) {
      if (losesPart(field)) {
        lost.add(field.path());
      }
      if (field.isIdle()
          || (copies.contains(field.path()) && !Regex.simpleMatch(excludes, field.path()))) {
        lost.remove(field.path());
      }
    }
    return lost;
  }

  private boolean losesPart(MappedField field) {
    boolean open = OPEN.contains(field.type());
    Set<String> known = PARTS.getOrDefault(field.type(), Set.of());
    for (String pattern : excludes) {
      String any = pattern.substring(pattern.lastIndexOf('.') + 1).replace("*", "x");
      Set<String> keys = open ? Set.of(any) : known;
      if ((open && pattern.startsWith(field.path() + "."))
          || keys.stream().anyMatch(key -> Regex.simpleMatch(pattern, field.path() + "." + key))) {
        return true;
      }
    }
    return false;
  }

  /** Which of these paths it lacks, however a document writes their dots. */
  public Set<String> lost(Collection<String> paths) {
    Set<String> lost = new TreeSet<>();
    if (isComplete()) {
      return lost;
    }
    Map<String, Object> flat = new HashMap<>();
    Map<String, Object> deep = new HashMap<>();
    for (String path : paths) {
      flat.put(path, true);
      Map<String, Object> holder = deep;
      String[] names = path.split("\\.");
      for (int i = 0; i < names.length - 1; i++) {
        holder = child(holder, names[i]);
      }
      holder.putIfAbsent(names[names.length - 1], true);
    }
    Map<String, Object> flatKept = filtered(flat);
    Map<String, Object> deepKept = filtered(deep);
    for (String path : paths) {
      if (flatKept.get(path) == null || !has(deepKept, path)) {
        lost.add(path);
      }
    }
    return lost;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> child(Map<String, Object> holder, String name) {
    Object child = holder.get(name);
    if (!(child instanceof Map)) { // a path may be another's beginning: the longer one decides
      child = new HashMap<String, Object>();
      holder.put(name, child);
    }
    return (Map<String, Object>) child;
  }

  private static boolean has(Map<String, Object> document, String path) {
    Object value = document;
    for (String name : path.split("\\.")) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return value != null;
  }

  private Map<String, Object> filtered(Map<String, Object> document) {
    try (XContentBuilder json = JsonXContent.contentBuilder().map(document)) {
      return Source.fromBytes(BytesReference.bytes(json), XContentType.JSON)
          .filter(new SourceFilter(includes, excludes))
          .source();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fields of objects that are documents of their own: their parents' queries do not see them. */
  public boolean isNested(String path) {
    List<String> types = new ArrayList<>();
    Map<String, Object> object = mapping;
    for (String name : path.split("\\.")) {
      object = MappedField.object(MappedField.object(object, "properties"), name);
      types.add(String.valueOf(object.get("type")));
    }
    return types.contains("nested");
  }
}
