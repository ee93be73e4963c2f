package org.semlux.plugin.reencode;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.semlux.plugin.mapping.KeptSource;

/**
 * The outputs that the {@code _source} of an index leaves out, as many set for vectors: the
 * pipeline makes them again, so they are no loss; whether a document has one the index tells.
 */
final class UnkeptOutputs {
  private final Map<String, Set<String>> byIndex = new HashMap<>();

  /**
   * Takes an index in.
   *
   * @throws IllegalArgumentException where a document that is written again could lose anything
   *     else
   */
  void add(String index, KeptSource source, PipelineFields fields) {
    Set<String> lost = source.lostFields();
    lost.addAll(source.lost(fields.inputs()));
    lost.addAll(source.lost(fields.marks()));
    Set<String> outputs = new HashSet<>(source.lost(fields.outputs()));
    outputs.removeAll(fields.passages());
    outputs.removeIf(source::isNested);
    lost.removeIf(outputs::contains);
    if (!lost.isEmpty()) {
      throw new IllegalArgumentException(
          "the [_source] of index [%s] lacks %s, which documents written again would lose: index them anew"
              .formatted(index, new TreeSet<>(lost)));
    }
    byIndex.put(index, outputs);
  }

  Set<String> of(String index) {
    return byIndex.getOrDefault(index, Set.of());
  }

  /** Of all indices. */
  Set<String> all() {
    Set<String> all = new TreeSet<>();
    byIndex.values().forEach(all::addAll);
    return all;
  }
}
