package org.semlux.plugin.rescore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.IndexSearcher;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.search.lookup.SearchLookup;
import org.elasticsearch.search.lookup.Source;

/** Fields of a shard's documents, read as the {@code fields} of a search are. */
final class DocumentFields {
  /** A field, and how its values are read. */
  record Field(String name, ValueFetcher values) {}

  private final SearchLookup lookup;
  private final List<Field> fields;

  DocumentFields(SearchLookup lookup, List<Field> fields) {
    this.lookup = lookup;
    this.fields = fields;
  }

  /**
   * The values of a document's fields by their names.
   *
   * @param document its number in the shard
   */
  Map<String, List<Object>> of(IndexSearcher searcher, int document) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
    int inLeaf = document - leaf.docBase;
    Source source = lookup.getSource(leaf, inLeaf);
    Map<String, List<Object>> values = new HashMap<>();
    for (Field field : fields) {
      field.values.setNextReader(leaf);
      values.put(field.name, field.values.fetchValues(source, inLeaf, new ArrayList<>()));
    }
    return values;
  }
}
