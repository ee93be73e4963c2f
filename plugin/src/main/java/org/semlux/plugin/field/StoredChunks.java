package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedNumericDocValues;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.util.BitSet;
import org.elasticsearch.core.Nullable;

/**
 * The chunks of a field in one segment. To be asked of documents in ascending order, by one thread.
 */
final class StoredChunks {
  /**
   * @param doc its document in the segment
   * @param value which of the field's texts it is of, in the order of {@link FieldTexts}
   */
  record Chunk(int doc, int value, int start, int end) {}

  @Nullable private final BitSet parents;
  private final SortedNumericDocValues values;
  private final SortedNumericDocValues starts;
  private final SortedNumericDocValues ends;
  private final SortedSetDocValues hashes;

  StoredChunks(LeafReaderContext leaf, ChunkFields fields) throws IOException {
    this.parents = fields.parents().get().getBitSet(leaf);
    this.values = DocValues.getSortedNumeric(leaf.reader(), fields.path(ChunkFields.VALUE));
    this.starts = DocValues.getSortedNumeric(leaf.reader(), fields.path(ChunkFields.START));
    this.ends = DocValues.getSortedNumeric(leaf.reader(), fields.path(ChunkFields.END));
    this.hashes = DocValues.getSortedSet(leaf.reader(), fields.hash().fullPath());
  }

  /** Those of a document, in the order of its text; none of one that is nested in another. */
  List<Chunk> of(int doc) throws IOException {
    List<Chunk> chunks = new ArrayList<>();
    if (parents == null || !parents.get(doc)) {
      return chunks;
    }
    int before = doc == 0 ? -1 : parents.prevSetBit(doc - 1);
    for (int child = before + 1; child < doc; child++) {
      if (ends.advanceExact(child)
          && starts.advanceExact(child)
          && values.advanceExact(child)) { // another field's chunks have none
        chunks.add(
            new Chunk(
                child, (int) values.nextValue(), (int) starts.nextValue(), (int) ends.nextValue()));
      }
    }
    return chunks;
  }

  /**
   * The texts that a document's chunks are places of. None where the source holds other texts now:
   * a part of it may be excluded, hidden, or made anew in another order, and then places are those
   * of something else.
   *
   * @param sources paths of the field's values, in order
   */
  List<String> texts(int doc, Map<String, Object> source, List<String> sources) throws IOException {
    List<String> texts = FieldTexts.of(source, sources);
    if (!hashes.advanceExact(doc)) {
      return List.of();
    }
    String stored = hashes.lookupOrd(hashes.nextOrd()).utf8ToString();
    String hash = EncodedText.hash(texts);
    boolean same =
        stored.startsWith(hash + ChunkFields.COUNT)
            || stored.startsWith(hash + EncodedText.TRUNCATED + ChunkFields.COUNT);
    return same ? texts : List.of();
  }
}
