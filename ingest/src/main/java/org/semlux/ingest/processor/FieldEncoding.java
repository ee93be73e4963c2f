package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.TokenStarts;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.chunk.Chunking;

/**
 * The work on one place of a document: which texts go to the model, and where its answers go.
 *
 * @param mark that is written beside the encoding; empty for none
 * @param texts for the model, in the order of its answers
 * @param passages one a text where the field is chunked, still without their encoding; else empty
 * @param droppedCharacters behind the last passage that the limit allows
 */
record FieldEncoding(
    TextPlace place,
    FieldOptions options,
    Optional<EncodedMark> mark,
    List<String> texts,
    List<Map<String, Object>> passages,
    int droppedCharacters) {
  private static final String VECTOR = "vector";
  static final String WEIGHTS = "weights";

  /** Of a field that stays whole: an array's texts are one, a line each. */
  static FieldEncoding whole(
      TextPlace place, FieldOptions options, Optional<EncodedMark> mark, List<String> texts) {
    return new FieldEncoding(place, options, mark, List.of(String.join("\n", texts)), List.of(), 0);
  }

  /**
   * Of a field that becomes passages. No passage reaches from one text of an array into another.
   */
  static FieldEncoding chunked(
      TextPlace place,
      FieldOptions options,
      Chunking chunking,
      Optional<EncodedMark> mark,
      List<String> texts,
      Encoder encoder) {
    List<String> chunks = new ArrayList<>();
    List<Map<String, Object>> passages = new ArrayList<>();
    int dropped = 0;
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      int room = chunking.limit() - passages.size();
      int read = 0;
      if (room > 0) {
        List<Chunk> found =
            Chunker.chunk(
                text,
                chunking.withLimit(room),
                enough -> tokenStarts(encoder, options, text, enough));
        for (Chunk chunk : found) {
          Map<String, Object> passage = new LinkedHashMap<>();
          passage.put("text", chunk.of(text));
          passage.put("start", chunk.start());
          passage.put("end", chunk.end());
          if (place.value() instanceof List) {
            passage.put("position", i);
          }
          chunks.add(chunk.of(text));
          passages.add(passage);
          read = chunk.end();
        }
      }
      dropped += text.substring(read).isBlank() ? 0 : text.length() - read;
    }
    return new FieldEncoding(place, options, mark, chunks, passages, dropped);
  }

  private static TokenStarts tokenStarts(
      Encoder encoder, FieldOptions options, String text, int enough) {
    if (encoder instanceof DenseEncoder dense) {
      return dense.tokenStarts(text, options.inputType(), enough);
    }
    if (encoder instanceof SparseEncoder sparse) {
      return sparse.tokenStarts(text, options.inputType(), enough);
    }
    return new TokenStarts(new int[0], 1); // it is refused when it is asked to encode
  }

  /**
   * Whether an encoding lacks nothing. One that a client got and sent back may: searches and gets
   * leave vectors out of what they return.
   */
  static boolean isWhole(Object encoding, FieldOptions options) {
    if (options.chunking().isEmpty()) {
      return encoding != null;
    }
    return encoding instanceof List<?> passages
        && !passages.isEmpty()
        && passages.stream().allMatch(FieldEncoding::isWholePassage);
  }

  private static boolean isWholePassage(Object passage) {
    return passage instanceof Map<?, ?> map
        && map.get("text") != null
        && (map.get(VECTOR) != null || map.get(WEIGHTS) != null);
  }

  /**
   * Puts the answers into the document.
   *
   * @param encodings one a text, of kinds that documents can copy
   * @throws IllegalArgumentException where the output cannot be written
   */
  void write(List<Object> encodings) {
    Object output = encodings.get(0);
    if (options.chunking().isPresent()) {
      for (int i = 0; i < passages.size(); i++) {
        Object encoding = encodings.get(i);
        passages.get(i).put(encoding instanceof Map ? WEIGHTS : VECTOR, encoding);
      }
      output = new ArrayList<>(passages);
    }
    FieldPath.put(place.anchor(), place.output(), output);
    String beside = place.output() + EncodedMark.SUFFIX;
    if (mark.isPresent()) {
      FieldPath.put(place.anchor(), beside, mark.get().toMap(droppedCharacters));
    } else {
      FieldPath.remove(place.anchor(), beside); // it spoke of what was there before
    }
  }
}
