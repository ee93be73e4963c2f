package org.semlux.ingest.chunk;

/**
 * A part of a text, without white space at its ends.
 *
 * @param start of its first character, in UTF-16 units as Java and JavaScript count them
 * @param end behind its last character
 */
public record Chunk(int start, int end) {
  public String of(String text) {
    return text.substring(start, end);
  }
}
