package org.semlux.ingest.processor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.ingest.Digest;

/**
 * What stands beside an encoding, in a field of its name with {@value #SUFFIX}: by what and of what
 * it was made. Whoever updates the document finds both in its source, so a text that did not change
 * is not encoded again.
 *
 * @param modelId as the pipeline calls it, for people
 * @param version of model and options, see {@link FieldOptions#version}
 * @param hash of the text: 32 hexadecimal digits
 */
record EncodedMark(String modelId, String version, String hash) {
  static final String SUFFIX = "_encoded";
  private static final String EMPTY = "empty";

  static EncodedMark of(String modelId, String version, List<String> texts) {
    return new EncodedMark(modelId, version, Digest.of(texts, 32));
  }

  /** Whether a mark says that its encoding is what would be made now. */
  boolean isIn(Object mark) {
    return mark instanceof Map<?, ?> map
        && version.equals(map.get("version"))
        && hash.equals(map.get("hash"));
  }

  /** Whether a mark says that its text makes no encoding: the model knows no word of it. */
  static boolean isOfNothing(Object mark) {
    return mark instanceof Map<?, ?> map && Boolean.TRUE.equals(map.get(EMPTY));
  }

  /**
   * @param droppedCharacters of the text that no passage holds; named where there are any
   * @param empty where there is no encoding
   */
  Map<String, Object> toMap(int droppedCharacters, boolean empty) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model_id", modelId);
    map.put("version", version);
    map.put("hash", hash);
    if (droppedCharacters > 0) {
      map.put("dropped_characters", droppedCharacters);
    }
    if (empty) {
      map.put(EMPTY, true);
    }
    return map;
  }
}
