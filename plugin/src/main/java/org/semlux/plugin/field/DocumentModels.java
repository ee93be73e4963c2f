package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.join.ToChildBlockJoinQuery;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;

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
      if (terms == null) {
        continue;
      }
      TermsEnum each = terms.iterator();
      for (BytesRef term = each.next(); term != null; term = each.next()) {
        String id = id(term.utf8ToString());
        if (wanted.test(id) || isLive(leaf.reader(), each)) {
          found.computeIfAbsent(id, i -> new ArrayList<>()).add(BytesRef.deepCopyOf(term));
        }
      }
    }
    found.replaceAll(
        (id, terms) -> terms.stream().distinct().sorted(Comparator.naturalOrder()).toList());
    return found;
  }

  private static boolean isLive(LeafReader reader, TermsEnum term) throws IOException {
    Bits live = reader.getLiveDocs();
    PostingsEnum documents = term.postings(null, PostingsEnum.NONE);
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
  static Query chunks(ChunkFields fields, List<BytesRef> terms) {
    return new ToChildBlockJoinQuery(
        new TermInSetQuery(fields.model().fullPath(), terms), fields.parents().get());
  }
}
