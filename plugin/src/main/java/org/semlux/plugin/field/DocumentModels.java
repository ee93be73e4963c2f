package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.join.ToChildBlockJoinQuery;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.query.SearchExecutionContext;

/**
 * The models that made a field's vectors in one shard. Each document names its own, so that while
 * an index goes over to another model each is searched by the vector of its own model.
 */
final class DocumentModels {
  /** Stands in what a document names between the model's id and the version of what it made. */
  static final char BEHIND_ID = ' ';

  private DocumentModels() {}

  /**
   * The id of the model.
   *
   * @param named by a document
   */
  static String id(String named) {
    int end = named.indexOf(BEHIND_ID);
    return end < 0 ? named : named.substring(0, end);
  }

  /**
   * What documents name, by models' ids.
   *
   * @param field see {@link ChunkFields#MODEL}
   * @param wanted others are looked at more closely: named by deleted documents alone, they count
   *     for nothing
   */
  static Map<String, List<BytesRef>> in(IndexReader reader, String field, Predicate<String> wanted)
      throws IOException {
    Map<String, List<BytesRef>> found = new TreeMap<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      Terms terms = leaf.reader().terms(field);
      TermsEnum each =
          terms == null
              ? DocValues.getSortedSet(leaf.reader(), field).termsEnum() // of time series
              : terms.iterator();
      for (BytesRef term = each.next(); term != null; term = each.next()) {
        String id = id(term.utf8ToString());
        if (wanted.test(id)
            || isLive(leaf.reader(), documents(leaf.reader(), field, terms, each))) {
          found.computeIfAbsent(id, i -> new ArrayList<>()).add(BytesRef.deepCopyOf(term));
        }
      }
    }
    found.replaceAll(
        (id, terms) -> terms.stream().distinct().sorted(Comparator.naturalOrder()).toList());
    return found;
  }

  /** The documents that name a term, in postings or in doc values. */
  private static DocIdSetIterator documents(
      LeafReader reader, String field, @Nullable Terms postings, TermsEnum term)
      throws IOException {
    if (postings != null) {
      return term.postings(null, PostingsEnum.NONE);
    }
    SortedSetDocValues values = DocValues.getSortedSet(reader, field);
    long wanted = term.ord();
    return TwoPhaseIterator.asDocIdSetIterator(
        new TwoPhaseIterator(values) {
          @Override
          public boolean matches() throws IOException {
            for (int i = 0; i < values.docValueCount(); i++) {
              if (values.nextOrd() == wanted) {
                return true;
              }
            }
            return false;
          }

          @Override
          public float matchCost() {
            return 1;
          }
        });
  }

  private static boolean isLive(LeafReader reader, DocIdSetIterator documents) throws IOException {
    Bits live = reader.getLiveDocs();
    for (int doc = documents.nextDoc();
        doc != DocIdSetIterator.NO_MORE_DOCS;
        doc = documents.nextDoc()) {
      if (live == null || live.get(doc)) {
        return true;
      }
    }
    return false;
  }

  /** The chunks of documents that name any of these. */
  static Query chunks(ChunkFields fields, List<BytesRef> terms, SearchExecutionContext context) {
    return new ToChildBlockJoinQuery(
        fields.model().fieldType().termsQuery(terms, context), fields.parents().get());
  }
}
