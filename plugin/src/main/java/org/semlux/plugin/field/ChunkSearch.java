package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.util.BytesRef;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.MatchNoneQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.TermsQueryBuilder;
import org.elasticsearch.search.vectors.ExactKnnQueryBuilder;
import org.elasticsearch.search.vectors.KnnVectorQueryBuilder;
import org.semlux.plugin.query.QueryEncodings;
import org.semlux.plugin.query.QueryWeights;
import org.semlux.plugin.query.SemluxSparseQueryBuilder;

/**
 * A field's chunks on one shard, searched by each model that made any of them: as a rule that is
 * one, and two while an index goes over from one to the other. Chunks meet the query's encoding by
 * their own model alone.
 */
final class ChunkSearch {
  /**
   * @param terms what documents of that model name
   */
  private record Part(QueryEncoding encoding, List<BytesRef> terms) {}

  private final SemluxTextFieldType type;
  private final List<Part> parts = new ArrayList<>();

  /**
   * @param encodings by {@link #key}
   * @param reader null where there is no shard to be looked at: all models count
   * @throws IllegalArgumentException naming a model that made some of the chunks and that nobody
   *     has encoded the query by
   */
  ChunkSearch(
      SemluxTextFieldType type, Map<String, QueryEncoding> encodings, @Nullable IndexReader reader)
      throws IOException {
    this.type = type;
    Map<String, QueryEncoding> known = new TreeMap<>();
    encodings.forEach(
        (key, encoding) -> {
          String model = key.substring(0, key.indexOf(DocumentModels.BEHIND_ID));
          String now = key(model, type.searchModelId());
          if (key.equals(now)
              || (!encodings.containsKey(now)
                  && key.equals(key(model, type.settings().models().get(model))))) {
            known.put(model, encoding);
          }
        });
    if (reader == null) {
      known.values().forEach(encoding -> parts.add(new Part(encoding, List.of())));
      return;
    }
    Map<String, List<BytesRef>> present =
        DocumentModels.in(reader, type.chunks().model().fullPath(), known::containsKey);
    present.forEach(
        (model, terms) -> {
          QueryEncoding encoding = known.get(model);
          if (encoding == null) {
            throw new IllegalArgumentException(
                "field [%s] has documents by model [%s], which its mapping did not name when the search began: search again, or [_reencode] the index"
                    .formatted(type.name(), model));
          }
          parts.add(new Part(encoding, terms));
        });
  }

  /**
   * @param model that documents name
   * @param searchModel that encodes queries for it
   */
  static String key(String model, @Nullable String searchModel) {
    return model + DocumentModels.BEHIND_ID + searchModel;
  }

  /**
   * Finds the best chunks of documents.
   *
   * @param neighbours for dense models
   */
  QueryBuilder best(QueryEncodings queries, Neighbours neighbours) {
    return any(
        part ->
            part.encoding.vector() == null
                ? terms(part, queries)
                : ofModel(part, neighbours.of(part.encoding.vector(), vector())));
  }

  /** Scores each chunk exactly, for whoever looks at those of single documents. */
  QueryBuilder each(QueryEncodings queries) {
    return any(
        part ->
            part.encoding.vector() == null
                ? terms(part, queries)
                : ofModel(part, new ExactKnnQueryBuilder(part.encoding.vector(), vector(), null)));
  }

  private QueryBuilder any(Function<Part, QueryBuilder> find) {
    if (parts.size() == 1) {
      return find.apply(parts.get(0));
    }
    BoolQueryBuilder any = new BoolQueryBuilder();
    parts.forEach(part -> any.should(find.apply(part)));
    return parts.isEmpty() ? new MatchNoneQueryBuilder() : any;
  }

  private String vector() {
    return type.chunks().path(ChunkFields.VECTOR);
  }

  private QueryBuilder terms(Part part, QueryEncodings queries) {
    QueryWeights weights = part.encoding.weights();
    return weights.tokens().isEmpty()
        ? new MatchNoneQueryBuilder()
        : ofModel(part, SemluxSparseQueryBuilder.of(queries, vector(), weights));
  }

  /** Neighbours are looked for among the model's own chunks: others' would take their places. */
  private QueryBuilder ofModel(Part part, QueryBuilder chunks) {
    if (parts.size() == 1) {
      return chunks;
    }
    if (chunks instanceof KnnVectorQueryBuilder knn) { // joins a filter on documents to chunks
      List<String> terms = part.terms.stream().map(BytesRef::utf8ToString).toList();
      return knn.addFilterQueries(
          List.of(new TermsQueryBuilder(type.chunks().model().fullPath(), terms)));
    }
    return new BoolQueryBuilder().must(chunks).filter(new ChunksOfModel(type, part.terms));
  }

  /** Whether chunks have vectors of numbers; not terms with weights. */
  boolean isDense() {
    return type.settings().isDense();
  }
}
