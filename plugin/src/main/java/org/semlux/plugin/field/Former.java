package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.index.Index;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * The models that a mapping names because documents are by them still, though fields have another
 * by now: as they were when a run began that encodes all of those documents anew.
 */
public final class Former {
  /**
   * @param path of the field
   */
  private record Models(Index index, String path, Set<String> ids) {}

  private final EncoderSource encoders;
  private final IndexFields indices;
  private final VectorMappings mappings;
  private final List<Models> found = new ArrayList<>();

  Former(EncoderSource encoders, IndexFields indices, VectorMappings mappings, List<Index> all) {
    this.encoders = encoders;
    this.indices = indices;
    this.mappings = mappings;
    for (Index index : all) {
      indices
          .of(index)
          .values()
          .forEach(
              field -> {
                if (field.settings() != null) {
                  Set<String> ids = new TreeSet<>(field.settings().models().keySet());
                  ids.remove(encoders.id(field.modelId()));
                  found.add(new Models(index, field.path(), ids));
                }
              });
    }
  }

  /** Takes them out of the mappings, unless a field has gone back to one meanwhile. */
  public void retire(ActionListener<Void> listener) {
    try (RefCountingListener all = new RefCountingListener(listener)) {
      for (Models models : found) {
        EncodedField now = indices.of(models.index).get(models.path);
        if (now != null) {
          models.ids.remove(encoders.id(now.modelId()));
          mappings.retire(models.index, models.path, models.ids, all.acquire());
        }
      }
    }
  }
}
