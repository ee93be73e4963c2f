package org.semlux.plugin.field;

import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ResolvedIndices;
import org.elasticsearch.action.support.RefCountingListener;
import org.elasticsearch.cluster.metadata.IndexMetadata;
import org.elasticsearch.search.vectors.VectorData;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.query.QueryEncodings;
import org.semlux.plugin.query.QueryWeights;

/** What {@code semlux} queries of this node work with; never sent to other nodes. */
record FieldQueries(EncoderSource encoders, QueryEncodings encodings, IndexFields indices) {
  /**
   * The models of a field's documents in any of the indices, each with what its vectors are.
   *
   * @param field its path, or an alias's of it
   * @return by {@link ChunkSearch#key}; empty where no index has the field, or any text in it
   */
  Map<String, ModelSettings> models(ResolvedIndices resolved, String field) {
    Map<String, ModelSettings> models = new TreeMap<>();
    for (IndexMetadata index : resolved.getConcreteLocalIndicesMetadata().values()) {
      EncodedField found = indices.find(index, field);
      if (found != null && found.settings() != null) {
        add(found, models);
      }
    }
    return models;
  }

  private void add(EncodedField field, Map<String, ModelSettings> models) {
    String now = encoders.id(field.modelId());
    field
        .settings()
        .models()
        .forEach(
            (model, search) ->
                models.put(
                    ChunkSearch.key(model, model.equals(now) ? field.searchModelId() : search),
                    field.settings()));
    if (field.settings().models().isEmpty() || mayWriteNext(now, field)) {
      models.put(ChunkSearch.key(now, field.searchModelId()), field.settings());
    }
  }

  /** Whether documents may come by this model before the mapping here says so. */
  private boolean mayWriteNext(String model, EncodedField field) {
    if (field.settings().models().containsKey(model)) {
      return false;
    }
    try {
      return field.settings().fits(ModelSettings.of(encoders.model(model)));
    } catch (ElasticsearchException | IllegalArgumentException e) {
      return false; // then it writes none
    }
  }

  /**
   * Encodes a query's text by models as {@link #models} names them.
   *
   * @param answers gets what came of it, by the same keys; safe for several threads
   * @param listener told when all of it is there
   */
  void encode(
      ThreadPool threadPool,
      String query,
      Map<String, ModelSettings> models,
      Map<String, QueryEncoding> answers,
      ActionListener<?> listener) {
    try (RefCountingListener all = new RefCountingListener(listener.map(v -> null))) {
      models.forEach(
          (key, settings) -> {
            String model = key.substring(key.indexOf(DocumentModels.BEHIND_ID) + 1);
            if (settings.isDense()) {
              ActionListener<float[]> one =
                  all.acquire(
                      vector ->
                          answers.put(key, new QueryEncoding(VectorData.fromFloats(vector), null)));
              encodings.dense(threadPool, model, query, one);
            } else {
              encodings.sparse(
                  threadPool,
                  model,
                  query,
                  all.acquire(
                      terms ->
                          answers.put(key, new QueryEncoding(null, QueryWeights.positive(terms)))));
            }
          });
    }
  }
}
