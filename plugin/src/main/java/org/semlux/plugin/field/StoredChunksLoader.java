package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.SortedSetDocValues;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.xcontent.XContentHelper;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.index.mapper.FieldMapper;
import org.elasticsearch.index.mapper.SourceLoader;
import org.elasticsearch.index.mapper.SourceLoader.SyntheticFieldLoader;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentType;
import org.elasticsearch.xcontent.json.JsonXContent;

/** Makes {@link StoredChunksMapper#NAME} of what the index holds of a document. */
final class StoredChunksLoader extends SourceLoader.DocValuesBasedSyntheticFieldLoader {
  /** One field in one segment. */
  private static final class Field {
    private final String path;
    private final SortedSetDocValues models;
    private final SortedSetDocValues hashes;
    private final StoredChunks chunks;
    @Nullable private final String vectorName;
    @Nullable private final SyntheticFieldLoader vector;
    @Nullable private final SyntheticFieldLoader.DocValuesLoader vectors;

    Field(LeafReader reader, SemluxTextFieldMapper mapper) throws IOException {
      ChunkFields fields = mapper.fieldType().chunks();
      path = mapper.fullPath();
      models = DocValues.getSortedSet(reader, fields.model().fullPath());
      hashes = DocValues.getSortedSet(reader, fields.hash().fullPath());
      chunks = new StoredChunks(reader.getContext(), fields);
      FieldMapper mapped = fields.vector();
      vectorName = mapped == null ? null : mapped.leafName();
      vector = mapped == null ? null : mapped.syntheticFieldLoader();
      vectors = vector == null ? null : vector.docValuesLoader(reader, null);
    }

    /**
     * Null where the document has none; or where its chunks are not here, as in the segment that
     * Elasticsearch makes of one document in the translog: there the source has them.
     */
    @Nullable EncodedText of(int doc) throws IOException {
      if (!models.advanceExact(doc) || !hashes.advanceExact(doc)) {
        return null;
      }
      String model = models.lookupOrd(models.nextOrd()).utf8ToString();
      String hash = hashes.lookupOrd(hashes.nextOrd()).utf8ToString();
      int slash = hash.lastIndexOf(ChunkFields.COUNT);
      List<EncodedText.Chunk> found = new ArrayList<>();
      for (StoredChunks.Chunk chunk : chunks.of(doc)) {
        if (vectors != null && vectors.advanceToDoc(chunk.doc())) {
          found.add(
              new EncodedText.Chunk(chunk.value(), chunk.start(), chunk.end(), vectorValue()));
        }
      }
      return found.size() == Integer.parseInt(hash.substring(slash + 1))
          ? new EncodedText(path, model, hash.substring(0, slash), found)
          : null;
    }

    private Object vectorValue() throws IOException {
      try (XContentBuilder json = JsonXContent.contentBuilder()) {
        json.startObject();
        vector.write(json);
        json.endObject();
        return XContentHelper.convertToMap(BytesReference.bytes(json), true, XContentType.JSON)
            .v2()
            .get(vectorName);
      }
    }
  }

  private final List<SemluxTextFieldMapper> mappers;
  private final List<EncodedText> found = new ArrayList<>();

  StoredChunksLoader(List<SemluxTextFieldMapper> mappers) {
    this.mappers = mappers;
  }

  @Override
  public DocValuesLoader docValuesLoader(LeafReader reader, int[] docIdsInLeaf) throws IOException {
    List<SemluxTextFieldMapper> present =
        mappers.stream()
            .filter(mapper -> mapper.fieldType().fieldHasValue(reader.getFieldInfos()))
            .toList();
    return present.isEmpty() ? null : new Documents(reader, present);
  }

  /**
   * Documents of a segment in any order, though doc values only go forward: as stored sources can
   * be, they are read again from the first one by each clause of a query on a runtime field.
   */
  private final class Documents implements DocValuesLoader {
    private final LeafReader reader;
    private final List<SemluxTextFieldMapper> present;
    private final List<Field> fields = new ArrayList<>();
    private int last = Integer.MAX_VALUE;

    Documents(LeafReader reader, List<SemluxTextFieldMapper> present) {
      this.reader = reader;
      this.present = present;
    }

    @Override
    public boolean advanceToDoc(int doc) throws IOException {
      if (doc <= last) {
        fields.clear();
        for (SemluxTextFieldMapper mapper : present) {
          fields.add(new Field(reader, mapper));
        }
      }
      last = doc;
      found.clear();
      for (Field field : fields) {
        EncodedText encoded = field.of(doc);
        if (encoded != null) {
          found.add(encoded);
        }
      }
      return hasValue();
    }
  }

  @Override
  public boolean hasValue() {
    return !found.isEmpty();
  }

  @Override
  public void reset() {
    found.clear();
  }

  /** As maps and lists, which a source takes. */
  Object entries() throws IOException {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (EncodedText encoded : found) {
      try (XContentBuilder json = JsonXContent.contentBuilder()) {
        json.value(encoded);
        entries.add(
            new LinkedHashMap<>(
                XContentHelper.convertToMap(BytesReference.bytes(json), true, XContentType.JSON)
                    .v2()));
      }
    }
    return entries;
  }

  @Override
  public void write(XContentBuilder builder) throws IOException {
    if (hasValue()) {
      builder.startArray(StoredChunksMapper.NAME);
      for (EncodedText encoded : found) {
        builder.value(encoded);
      }
      builder.endArray();
    }
  }

  @Override
  public String fieldName() {
    return StoredChunksMapper.NAME;
  }
}
