package org.semlux.plugin.rescore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.IndexSearcher;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.search.lookup.Source;
import org.elasticsearch.search.lookup.SourceProvider;

/** Fields of a shard's documents, read as the {@code fields} of a search are. */
final class DocumentFields {
  /** A field, and how its values are read. */
  record Field(String name, ValueFetcher values) {}

  private final Supplier<SourceProvider> sources;
  private final List<Field> fields;

  /**
   * @param sources gives a new one each time: one reads documents in their order alone
   */
  DocumentFields(Supplier<SourceProvider> sources, List<Field> fields) {
    this.sources = sources;
    this.fields = fields;
  }

  /**
   * Reads documents in the order of their numbers.
   *
   * @param documents their numbers in the shard
   * @param each gets a document's number and the values of its fields by their names
   */
  void read(
      IndexSearcher searcher, int[] documents, BiConsumer<Integer, Map<String, List<Object>>> each)
      throws IOException {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    SourceProvider source = sources.get();
    for (int document : Arrays.stream(documents).sorted().toArray()) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(document, leaves));
      each.accept(document, of(leaf, document - leaf.docBase, source));
    }
  }

  private Map<String, List<Object>> of(LeafReaderContext leaf, int document, SourceProvider sources)
      throws IOException {
    Source source = sources.getSource(leaf, document);
    Map<String, List<Object>> values = new HashMap<>();
    for (Field field : fields) {
      field.values.setNextReader(leaf);
      values.put(field.name, field.values.fetchValues(source, document, new ArrayList<>()));
    }
    return values;
  }
}
