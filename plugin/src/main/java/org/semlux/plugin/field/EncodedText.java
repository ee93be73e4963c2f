package org.semlux.plugin.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.ingest.Digest;

/**
 * What was made of the value of one field of a document: how it travels in the source, from who
 * encodes to all copies of a shard.
 *
 * @param field its path
 * @param model id and version of model and options that made it
 * @param hash of the texts, see {@link #hash(List)}; with a {@value #TRUNCATED} behind it where
 *     some of the text lies behind the last chunk that is allowed
 */
record EncodedText(String field, String model, String hash, List<Chunk> chunks)
    implements ToXContentObject {
  private static final String FIELD = "field";
  private static final int HASH_DIGITS = 16;
  static final String TRUNCATED = "+";

  /**
   * @param value which of the field's texts it is of, in the order of {@link FieldTexts}
   * @param start of its first character in that text, in UTF-16 units
   * @param end behind its last character
   * @param vector as a {@code dense_vector} or {@code sparse_vector} field takes it
   */
  record Chunk(int value, int start, int end, Object vector) implements ToXContentObject {
    @Override
    public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
      return builder
          .startObject()
          .field(ChunkFields.VALUE, value)
          .field(ChunkFields.START, start)
          .field(ChunkFields.END, end)
          .field(ChunkFields.VECTOR, vector)
          .endObject();
    }
  }

  /** What stands for a field's texts. */
  static String hash(List<String> texts) {
    return Digest.of(texts, HASH_DIGITS);
  }

  /** What stands for it where its vectors are not needed. */
  EncodedText withoutChunks() {
    return new EncodedText(field, model, hash, List.of());
  }

  /** Whether some of the text is not in any chunk. */
  boolean isTruncated() {
    return hash.endsWith(TRUNCATED);
  }

  /** Whether it is what this model makes of these texts. */
  boolean isOf(String otherModel, List<String> texts) {
    return model.equals(otherModel) && isOf(texts);
  }

  /** Whether it is what some model makes of these texts. */
  boolean isOf(List<String> texts) {
    String other = hash(texts);
    return hash.equals(other) || hash.equals(other + TRUNCATED);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder
        .startObject()
        .field(FIELD, field)
        .field(ChunkFields.MODEL, model)
        .field(ChunkFields.HASH, hash);
    builder.startArray(ChunkFields.CHUNKS);
    for (Chunk chunk : chunks) {
      chunk.toXContent(builder, params);
    }
    return builder.endArray().endObject();
  }

  /**
   * Reads one that a source holds.
   *
   * @throws IllegalArgumentException where something else stands there
   */
  static EncodedText parse(Object node) {
    if (node instanceof Map<?, ?> map
        && map.get(FIELD) instanceof String field
        && map.get(ChunkFields.MODEL) instanceof String model
        && map.get(ChunkFields.HASH) instanceof String hash
        && map.get(ChunkFields.CHUNKS) instanceof List<?> list) {
      List<Chunk> chunks = new ArrayList<>(list.size());
      list.forEach(chunk -> chunks.add(chunk(chunk)));
      return new EncodedText(field, model, hash, List.copyOf(chunks));
    }
    throw notOurs();
  }

  private static Chunk chunk(Object node) {
    if (node instanceof Map<?, ?> map
        && map.get(ChunkFields.VALUE) instanceof Integer value
        && map.get(ChunkFields.START) instanceof Integer start
        && map.get(ChunkFields.END) instanceof Integer end
        && map.get(ChunkFields.VECTOR) != null
        && value >= 0
        && 0 <= start
        && start <= end) {
      return new Chunk(value, start, end, map.get(ChunkFields.VECTOR));
    }
    throw notOurs();
  }

  private static IllegalArgumentException notOurs() {
    return new IllegalArgumentException(
        "[%s] holds what [semlux_text] fields were made into: leave it out of what you send"
            .formatted(StoredChunksMapper.NAME));
  }
}
