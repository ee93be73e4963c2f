package org.semlux.plugin.field;

import java.util.Objects;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;

/**
 * Documents by the best of a field's chunks. Only remembers, for the highlighter, how chunks are
 * scored: it searches as what it holds.
 */
final class ChunkQuery extends Query {
  private final String field;
  private final Query documents;
  private final Query chunkScores;

  /**
   * @param documents scores documents by their best chunks
   * @param chunkScores scores chunks, each exactly
   */
  ChunkQuery(String field, Query documents, Query chunkScores) {
    this.field = field;
    this.documents = documents;
    this.chunkScores = chunkScores;
  }

  String field() {
    return field;
  }

  Query chunkScores() {
    return chunkScores;
  }

  /**
   * Highlighters of other fields search a copy of one text, which has neither chunks nor the blocks
   * of documents that they are joined by: nothing is found there.
   */
  @Override
  public Query rewrite(IndexSearcher searcher) {
    boolean isCopy =
        searcher.getIndexReader().leaves().stream()
            .anyMatch(leaf -> leaf.reader().getCoreCacheHelper() == null);
    return isCopy ? new MatchNoDocsQuery("a text without its chunks") : documents;
  }

  /** Elasticsearch looks for queries of nested documents, to highlight other fields by terms. */
  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
    documents.visit(visitor.getSubVisitor(Occur.MUST, this));
  }

  @Override
  public String toString(String otherField) {
    return documents.toString(otherField);
  }

  @Override
  public boolean equals(Object other) {
    return sameClassAs(other)
        && field.equals(((ChunkQuery) other).field)
        && documents.equals(((ChunkQuery) other).documents)
        && chunkScores.equals(((ChunkQuery) other).chunkScores);
  }

  @Override
  public int hashCode() {
    return Objects.hash(classHash(), field, documents, chunkScores);
  }
}
