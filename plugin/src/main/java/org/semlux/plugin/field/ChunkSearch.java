package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.vectors.DenseVectorFieldMapper.DenseVectorFieldType;
import org.elasticsearch.index.query.BoolQueryBuilder;
import org.elasticsearch.index.query.MatchNoneQueryBuilder;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.SearchExecutionContext;
import org.elasticsearch.index.query.TermsQueryBuilder;
import org.elasticsearch.search.vectors.KnnVectorQueryBuilder;
import org.semlux.plugin.query.QueryEncodings;
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

  /** What finds chunks, within their nested query. */
  QueryBuilder best(
      QueryEncodings queries,
      @Nullable Integer k,
      @Nullable Integer numCandidates,
      List<QueryBuilder> filters) {
    if (parts.size() == 1) {
      return best(parts.get(0), queries, k, numCandidates, filters);
    }
    BoolQueryBuilder any = new BoolQueryBuilder();
    parts.forEach(part -> any.should(best(part, queries, k, numCandidates, filters)));
    return parts.isEmpty() ? new MatchNoneQueryBuilder() : any;
  }

  private QueryBuilder best(
      Part part,
      QueryEncodings queries,
      @Nullable Integer k,
      @Nullable Integer numCandidates,
      List<QueryBuilder> filters) {
    String vector = type.chunks().path(ChunkFields.VECTOR);
    if (part.encoding.vector() != null) {
      KnnVectorQueryBuilder knn =
          new KnnVectorQueryBuilder(
                  vector, part.encoding.vector(), k, numCandidates, null, null, null)
              .addFilterQueries(filters);
      return parts.size() == 1 ? knn : knn.addFilterQueries(List.of(named(part)));
    }
    if (part.encoding.weights().tokens().isEmpty()) {
      return new MatchNoneQueryBuilder();
    }
    QueryBuilder sparse = SemluxSparseQueryBuilder.of(queries, vector, part.encoding.weights());
    return parts.size() == 1
        ? sparse
        : new BoolQueryBuilder().must(sparse).filter(new ChunksOfModel(type, part.terms));
  }

  private QueryBuilder named(Part part) {
    List<String> terms = part.terms.stream().map(BytesRef::utf8ToString).toList();
    return new TermsQueryBuilder(type.chunks().model().fullPath(), terms);
  }

  /** Scores each chunk exactly, for whoever looks at single chunks. */
  Query scores(QueryEncodings queries, SearchExecutionContext context) throws IOException {
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    for (Part part : parts) {
      Query one =
          part.encoding.vector() == null
              ? best(part, queries, null, null, List.of()).toQuery(context)
              : ((DenseVectorFieldType) type.chunks().vector().fieldType())
                  .createExactKnnQuery(part.encoding.vector(), null, null);
      if (parts.size() == 1) {
        return one;
      }
      any.add(
          new BooleanQuery.Builder()
              .add(one, Occur.MUST)
              .add(DocumentModels.chunks(type.chunks(), part.terms), Occur.FILTER)
              .build(),
          Occur.SHOULD);
    }
    return any.build();
  }

  /** Whether chunks have vectors of numbers; not terms with weights. */
  boolean isDense() {
    return type.settings().isDense();
  }
}
