package org.semlux.plugin.query;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermStates;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.FilterWeight;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Weight;
import org.elasticsearch.search.vectors.SparseVectorQueryWrapper;

/**
 * A term of a sparse vector, its score multiplied by {@code idf^exponent} with the inverse document
 * frequency of BM25, {@code idf = ln(1 + (N - n + 0.5) / (n + 0.5))}, where n of the N documents
 * that have the field have the term. Robertson and Zaragoza, "The Probabilistic Relevance
 * Framework: BM25 and Beyond", 2009, 3.3.
 *
 * <p>The numbers are those of the searcher at the time it makes the weight, as a term query's are:
 * the shard's own, or all shards' together after a DFS phase.
 */
final class IdfQuery extends Query {
  private final Term term;
  private final Query feature;
  private final float exponent;

  /**
   * @param feature scores documents by the term's weight in them
   * @param exponent above 0
   */
  IdfQuery(Term term, Query feature, float exponent) {
    this.term = term;
    this.feature = feature;
    this.exponent = exponent;
  }

  /**
   * Replaces the terms of a sparse vector query by those that take the idf into account.
   *
   * @param query of weighted terms, or one that matches nothing, which stays as it is
   * @param features what scores a document by a term, to that term
   */
  static Query over(String field, Query query, Map<Query, String> features, float exponent) {
    if (!(query instanceof SparseVectorQueryWrapper sparse)
        || !(sparse.getTermsQuery() instanceof BooleanQuery terms)) {
      return query;
    }
    var weighted = new BooleanQuery.Builder();
    weighted.setMinimumNumberShouldMatch(terms.getMinimumNumberShouldMatch());
    for (BooleanClause clause : terms) {
      BoostQuery boosted = (BoostQuery) clause.query();
      Term term = new Term(field, features.get(boosted.getQuery()));
      Query idf = new IdfQuery(term, boosted.getQuery(), exponent);
      weighted.add(new BoostQuery(idf, boosted.getBoost()), clause.occur());
    }
    return new SparseVectorQueryWrapper(field, weighted.build());
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    TermStates states = TermStates.build(searcher, term, scoreMode.needsScores());
    if (!scoreMode.needsScores() || states.docFreq() == 0) {
      return feature.createWeight(searcher, scoreMode, boost);
    }
    long documents = searcher.collectionStatistics(term.field()).docCount();
    long having = searcher.termStatistics(term, states.docFreq(), states.totalTermFreq()).docFreq();
    float factor = factor(documents, having, exponent);
    Weight weight = feature.createWeight(searcher, scoreMode, boost * factor);
    return new FilterWeight(this, weight) {
      @Override
      public Explanation explain(LeafReaderContext context, int doc) throws IOException {
        Explanation score = super.explain(context, doc);
        if (!score.isMatch()) {
          return score;
        }
        return Explanation.match(
            score.getValue(),
            "score of term [" + term.text() + "], w holding its idf, computed as w * S from:",
            score,
            explainFactor(documents, having, factor));
      }
    };
  }

  static float factor(long documents, long having, float exponent) {
    return (float) Math.pow(Math.log1p((documents - having + 0.5) / (having + 0.5)), exponent);
  }

  private Explanation explainFactor(long documents, long having, float factor) {
    return Explanation.match(
        factor,
        "idf^"
            + exponent
            + ", part of w, computed as ln(1 + (N - n + 0.5) / (n + 0.5))^"
            + exponent
            + " from:",
        Explanation.match(having, "n, number of documents containing term"),
        Explanation.match(documents, "N, total number of documents with field"));
  }

  @Override
  public void visit(QueryVisitor visitor) {
    if (visitor.acceptField(term.field())) {
      visitor.visitLeaf(this);
    }
  }

  @Override
  public String toString(String field) {
    return feature.toString(field) + "*idf^" + exponent;
  }

  @Override
  public boolean equals(Object other) {
    return sameClassAs(other)
        && term.equals(((IdfQuery) other).term)
        && feature.equals(((IdfQuery) other).feature)
        && exponent == ((IdfQuery) other).exponent;
  }

  @Override
  public int hashCode() {
    return Objects.hash(classHash(), term, feature, exponent);
  }
}
