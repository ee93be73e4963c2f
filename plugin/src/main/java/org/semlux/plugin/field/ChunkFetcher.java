package org.semlux.plugin.field;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.LeafReaderContext;
import org.elasticsearch.index.mapper.ValueFetcher;
import org.elasticsearch.search.fetch.StoredFieldsSpec;
import org.elasticsearch.search.lookup.Source;

/** {@code "fields":[{"field":…,"format":"chunks"}]}: what a document's texts were cut into. */
final class ChunkFetcher implements ValueFetcher {
  static final String FORMAT = "chunks";

  private final ChunkFields fields;
  private final List<String> sources;
  private StoredChunks chunks;

  ChunkFetcher(ChunkFields fields, List<String> sources) {
    this.fields = fields;
    this.sources = sources;
  }

  @Override
  public void setNextReader(LeafReaderContext leaf) {
    try {
      chunks = new StoredChunks(leaf, fields);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<Object> fetchValues(Source source, int doc, List<Object> ignoredValues)
      throws IOException {
    List<String> texts = chunks.texts(doc, source.source(), sources);
    List<Object> values = new ArrayList<>();
    for (StoredChunks.Chunk chunk : chunks.of(doc)) {
      values.add(
          Map.of(
              "text",
              text(texts, chunk),
              ChunkFields.VALUE,
              chunk.value(),
              ChunkFields.START,
              chunk.start(),
              ChunkFields.END,
              chunk.end()));
    }
    return values;
  }

  /**
   * A chunk's own text; empty where it is not known.
   *
   * @param texts see {@link StoredChunks#texts}
   */
  static String text(List<String> texts, StoredChunks.Chunk chunk) {
    if (chunk.value() >= texts.size() || chunk.end() > texts.get(chunk.value()).length()) {
      return "";
    }
    return texts.get(chunk.value()).substring(chunk.start(), chunk.end());
  }

  @Override
  public StoredFieldsSpec storedFieldsSpec() {
    return StoredFieldsSpec.NEEDS_SOURCE;
  }
}
