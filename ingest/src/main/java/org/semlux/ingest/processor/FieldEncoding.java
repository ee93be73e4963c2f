package org.semlux.ingest.processor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.StoredVectors;
import org.semlux.ingest.chunk.Chunk;

/**
 * The work on one place of a document: which texts go to the model, and where its answers go.
 *
 * @param mark that is written beside the encoding; empty for none
 * @param model tells whose vectors are kept, see {@link StoredVectors#model}; for those of tokens
 * @param texts of the place: a line each of one text where the field stays whole
 */
record FieldEncoding(
    TextPlace place,
    FieldOptions options,
    Optional<EncodedMark> mark,
    int model,
    List<String> texts) {
  static final String VECTOR = "vector";
  static final String WEIGHTS = "weights";
  static final String TOKEN_VECTORS = "token_vectors";

  /**
   * What a place's texts are to the model.
   *
   * @param texts for the model, in the order of its answers
   * @param passages one a text where the field is chunked, still without their encoding; else empty
   * @param droppedCharacters behind the last passage that the limit allows
   */
  record Passages(List<String> texts, List<Map<String, Object>> passages, int droppedCharacters) {}

  /** Of a field that stays whole. */
  Passages whole() {
    // A lone text may have megabytes: no copy of it.
    String text = texts.size() == 1 ? texts.get(0) : String.join("\n", texts);
    return new Passages(List.of(text), List.of(), 0);
  }

  /**
   * Of a field that becomes passages.
   *
   * @param cut the chunks of each text
   */
  Passages passages(List<List<Chunk>> cut) {
    List<String> chunks = new ArrayList<>();
    List<Map<String, Object>> passages = new ArrayList<>();
    int dropped = 0;
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      int read = 0;
      for (Chunk chunk : cut.get(i)) {
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
      dropped += text.substring(read).isBlank() ? 0 : text.length() - read;
    }
    return new Passages(chunks, passages, dropped);
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
        && (map.get(VECTOR) != null || map.get(WEIGHTS) != null || map.get(TOKEN_VECTORS) != null);
  }

  /**
   * Puts the answers into the document. A vector of zeros has no direction, and no index by cosine
   * takes it: such a text is as good as blank and gets none.
   *
   * @param encodings one a text of the passages
   * @throws IllegalArgumentException where the output cannot be written
   */
  void write(Passages cut, List<? extends Encoding> encodings) {
    Object output = null;
    if (options.chunking().isPresent()) {
      List<Map<String, Object>> passages = cut.passages();
      List<Map<String, Object>> kept = new ArrayList<>();
      for (int i = 0; i < passages.size(); i++) {
        Encoding encoding = encodings.get(i);
        if (!isZero(encoding)) {
          passages.get(i).put(name(encoding), plain(encoding));
          kept.add(passages.get(i));
        }
      }
      output = kept.isEmpty() ? null : kept;
    } else if (!isZero(encodings.get(0))) {
      output = plain(encodings.get(0));
    }
    if (output == null) {
      FieldPath.remove(place.anchor(), place.output());
    } else {
      FieldPath.put(place.anchor(), place.output(), output);
    }
    String beside = place.output() + EncodedMark.SUFFIX;
    if (mark.isPresent()) {
      Map<String, Object> said = mark.get().toMap(cut.droppedCharacters(), output == null);
      FieldPath.put(place.anchor(), beside, said);
    } else {
      FieldPath.remove(place.anchor(), beside); // it spoke of what was there before
    }
  }

  private static boolean isZero(Encoding encoding) {
    return switch (encoding) {
      case DenseVector vector -> isZero(vector);
      case TermWeights terms -> false; // no terms are told by an empty object
      case TokenVectors vectors -> false;
    };
  }

  private static boolean isZero(DenseVector vector) {
    for (float value : vector.values()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private static String name(Encoding encoding) {
    return switch (encoding) {
      case DenseVector vector -> VECTOR;
      case TermWeights terms -> WEIGHTS;
      case TokenVectors vectors -> TOKEN_VECTORS;
    };
  }

  /** Of kinds that documents can copy. */
  private Object plain(Encoding encoding) {
    return switch (encoding) {
      case DenseVector vector -> plain(vector);
      case TermWeights terms -> plain(terms);
      case TokenVectors vectors -> StoredVectors.write(model, vectors);
    };
  }

  /**
   * An ingest document refuses to copy a float[], and a double[] would double the source's length.
   */
  private static List<Float> plain(DenseVector vector) {
    List<Float> list = new ArrayList<>(vector.dimensions());
    for (float value : vector.values()) {
      list.add(value);
    }
    return list;
  }

  /** A {@code sparse_vector} takes positive normal numbers only; its tokens may have dots. */
  private static Map<String, Float> plain(TermWeights terms) {
    Map<String, Float> map = new LinkedHashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      if (terms.weights()[i] >= Float.MIN_NORMAL) {
        map.put(terms.tokens()[i], terms.weights()[i]);
      }
    }
    return map;
  }
}
