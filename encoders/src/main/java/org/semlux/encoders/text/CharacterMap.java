package org.semlux.encoders.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's {@code precompiled_charsmap}: the size of a double-array trie in bytes, the trie,
 * and the texts that its leaves point at, each ended by a zero. The library follows it without
 * looking at bounds, so every way through it is gone before.
 */
final class CharacterMap {
  /** What one character may become at most, in bytes; U+FDFA becomes 33. */
  private static final int LONGEST = 256;

  private final int[] units;
  private final byte[] texts;

  private CharacterMap(int[] units, byte[] texts) {
    this.units = units;
    this.texts = texts;
  }

  /** Whether no text can lead the library out of the map. */
  static boolean isSound(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return false;
    }
    // Padding and last bits as the library demands them.
    if (bytes.length < 8 || !Base64.getEncoder().encodeToString(bytes).equals(base64)) {
      return false;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long size = Integer.toUnsignedLong(buffer.getInt());
    if (size == 0 || size % 4 != 0 || size > buffer.remaining()) {
      return false;
    }
    int[] units = new int[(int) size / 4];
    for (int i = 0; i < units.length; i++) {
      units[i] = buffer.getInt();
    }
    byte[] texts = new byte[buffer.remaining()];
    buffer.get(texts);
    return new CharacterMap(units, texts).isSound();
  }

  private boolean isSound() {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
    } catch (CharacterCodingException e) {
      return false;
    }
    BitSet seen = new BitSet(units.length);
    Deque<Integer> nodes = new ArrayDeque<>();
    if (!isVisited(offset(units[0]), seen, nodes)) {
      return false;
    }
    while (!nodes.isEmpty()) {
      int node = nodes.pop();
      for (int label = 1; label < 256; label++) {
        int child = node ^ label;
        if (child >= units.length) {
          return false;
        }
        if ((units[child] & 0x8000_00FF) == label) {
          int next = child ^ offset(units[child]);
          if (!isVisited(next, seen, nodes) || (hasLeaf(units[child]) && !isText(units[next]))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Notes a node that can be reached; false where it lies outside. */
  private boolean isVisited(int node, BitSet seen, Deque<Integer> nodes) {
    if (node < 0 || node >= units.length) {
      return false;
    }
    if (!seen.get(node)) {
      seen.set(node);
      nodes.push(node);
    }
    return true;
  }

  private static boolean hasLeaf(int unit) {
    return (unit >>> 8 & 1) == 1;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  /** Whether a leaf points at the start of a character, with an end not far behind. */
  private boolean isText(int leaf) {
    int from = leaf & Integer.MAX_VALUE;
    if (from > texts.length || (from < texts.length && (texts[from] & 0xC0) == 0x80)) {
      return false;
    }
    int to = from;
    while (to < texts.length && texts[to] != 0) {
      to++;
    }
    return to - from <= LONGEST;
  }
}
