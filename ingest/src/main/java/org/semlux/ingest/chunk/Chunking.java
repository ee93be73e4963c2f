package org.semlux.ingest.chunk;

/**
 * How long texts become passages.
 *
 * @param size of a passage at most, 1 to {@value #MAX_SIZE}: in tokens for {@link Strategy#TOKENS}
 *     and {@link Strategy#TOKEN_SENTENCES}, else in words
 * @param overlap what a passage repeats of the one before at most, in the same unit; up to half of
 *     the size, so that each passage brings something new
 * @param limit passages of a field at most, 1 to {@value #MAX_LIMIT}; what lies behind the last one
 *     is dropped and counted
 */
public record Chunking(Strategy strategy, int size, int overlap, int limit) {
  public static final int DEFAULT_SIZE = 200;
  public static final int DEFAULT_OVERLAP = 20;
  public static final int DEFAULT_LIMIT = 100;
  static final int MAX_SIZE = 100_000;
  static final int MAX_LIMIT = 10_000;

  /** What passages are made of. */
  public enum Strategy {
    /** The model's own tokens, cut between words where there are any. */
    TOKENS,
    /** Whole sentences, as many as fit; a longer one is cut between words. */
    SENTENCES,
    /** The same, but counted in the model's own tokens. */
    TOKEN_SENTENCES,
    WORDS;

    /** Whether the model has to be asked where its tokens begin. */
    public boolean countsTokens() {
      return this == TOKENS || this == TOKEN_SENTENCES;
    }
  }

  /**
   * @throws IllegalArgumentException naming the number that is out of its range
   */
  public Chunking {
    check("size", size, 1, MAX_SIZE);
    check("overlap", overlap, 0, size / 2);
    check("limit", limit, 1, MAX_LIMIT);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "[%s] must be %s to %s, not %s%s"
              .formatted(
                  name, least, most, value, name.equals("overlap") ? ": half of [size]" : ""));
    }
  }

  /** Units that passages can reach, the first of what is dropped included. */
  int reach() {
    return (int) Math.min(Integer.MAX_VALUE, (long) size * limit + 1);
  }

  /** The same for a model that reads fewer tokens than a passage would have. */
  Chunking within(int window) {
    int smaller = Math.min(size, window);
    return new Chunking(strategy, smaller, Math.min(overlap, smaller / 2), limit);
  }

  /** The same with fewer passages. */
  public Chunking withLimit(int other) {
    return new Chunking(strategy, size, overlap, other);
  }
}
