package org.semlux.plugin.rescore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.IndexSearcher;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.search.lookup.SearchLookup;
import org.elasticsearch.search.lookup.Source;

/** Texts of a shard's documents, read as the {@code fields} of a search are. */
final class DocumentTexts {
  /** A field, and how its values are read. */
  record Field(String name, ValueFetcher values) {}

  private final SearchLookup lookup;
  private final List<Field> fields;

  DocumentTexts(SearchLookup lookup, List<Field> fields) {
    this.lookup = lookup;
    this.fields = fields;
  }

  /**
   * @param document its number in the shard
   * @return empty when the fields are missing or blank
   * @throws IllegalArgumentException when a field holds no text
   */
  String of(IndexSearcher searcher, int document) throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
    int inLeaf = document - leaf.docBase;
    Source source = lookup.getSource(leaf, inLeaf);
    FieldText text = new FieldText();
    for (Field field : fields) {
      field.values.setNextReader(leaf);
      text.add(field.name, field.values.fetchValues(source, inLeaf, new ArrayList<>()));
    }
    return text.toString();
  }
}
