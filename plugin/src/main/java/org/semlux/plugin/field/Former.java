package org.semlux.plugin.field;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.client.internal.Client;
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
  private final Client client;
  private final List<Models> found = new ArrayList<>();

  Former(EncoderSource encoders, IndexFields indices, Client client, List<Index> all) {
    this.client = client;
    this.mappings = new VectorMappings(client, indices);
    this.encoders = encoders;
    this.indices = indices;
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

  /**
   * Takes out of the mappings what no document is by any more. The run may have seen a part of an
   * index alone: through an alias with a filter, or as a user who may not see the rest. Where that
   * cannot be found out now, mappings stay: a model too many costs a search little.
   */
  public void retire(ActionListener<Void> listener) {
    try (RefCountingListener all = new RefCountingListener(listener)) {
      for (Models models : found) {
        EncodedField now = indices.of(models.index).get(models.path);
        if (now != null) {
          models.ids.remove(encoders.id(now.modelId()));
          if (!models.ids.isEmpty()) {
            retire(models, all.acquire());
          }
        }
      }
    }
  }

  private void retire(Models models, ActionListener<Void> listener) {
    FieldModelsAction.ask(
        client,
        models.index.getName(),
        models.path,
        ActionListener.wrap(
            documents -> {
              Set<String> gone = new TreeSet<>(models.ids);
              gone.removeIf(model -> !documents.isWithout(model));
              mappings.retire(models.index, models.path, gone, listener);
            },
            failure -> listener.onResponse(null)));
  }
}
