package org.semlux.ingest.chunk;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.semlux.encoders.api.TokenStarts;

/**
 * Cuts a text into overlapping chunks, in a time that is proportional to its length. Between them
 * the chunks leave out nothing but white space, up to the limit. No cut parts what readers see as
 * one character, see {@link Graphemes}.
 */
public final class Chunker {
  /** The node's threads that cut long texts. Nothing in it waits for anything. */
  public static final String POOL = "semlux_chunk";

  private final String text;
  private final Units units;
  private final Chunking chunking;

  /** {@code [units + 1]} the last place to cut at or before each one; -1 where there is none. */
  private final int[] lastGood;

  private final int[] lastPossible;

  private Chunker(String text, Units units, Chunking chunking) {
    this.text = text;
    this.units = units;
    this.chunking = chunking;
    int count = units.count();
    Graphemes graphemes = new Graphemes(text);
    this.lastGood = new int[count + 1];
    this.lastPossible = new int[count + 1];
    for (int i = 0; i < count; i++) {
      boolean possible = isPossible(i, graphemes);
      lastPossible[i] = possible ? i : i == 0 ? -1 : lastPossible[i - 1];
      lastGood[i] = possible && units.good().get(i) ? i : i == 0 ? -1 : lastGood[i - 1];
    }
    lastGood[count] = count;
    lastPossible[count] = count;
  }

  /**
   * Cuts a text.
   *
   * @param tokens the model's tokens of the text, at least as many as it is asked for if there are
   *     so many; asked for where tokens are counted
   * @return in their order; none where the text is blank
   */
  public static List<Chunk> chunk(String text, Chunking chunking, IntFunction<TokenStarts> tokens) {
    if (text.isBlank()) {
      return List.of();
    }
    int enough = chunking.reach();
    return switch (chunking.strategy()) {
      case WORDS -> new Chunker(text, Units.ofWords(text, enough), chunking).chunks();
      case SENTENCES -> new Chunker(text, Units.ofSentences(text, enough), chunking).chunks();
      case TOKENS -> {
        TokenStarts starts = tokens.apply(enough);
        Units units = Units.ofTokens(text, starts.positions());
        yield new Chunker(text, units, chunking.within(starts.window())).chunks();
      }
      case TOKEN_SENTENCES -> {
        TokenStarts starts = tokens.apply(enough);
        Chunking fitting = chunking.within(starts.window());
        Units units = Units.ofTokenSentences(text, starts.positions(), fitting.size());
        yield new Chunker(text, units, fitting).chunks();
      }
    };
  }

  /**
   * Cuts the texts of a field, which share its limit. No chunk reaches from one text into another.
   *
   * @param tokens of a text, at least as many as are asked for; see {@link #chunk}
   * @return the chunks of each text, in their order
   */
  public static List<List<Chunk>> chunkAll(
      List<String> texts, Chunking chunking, BiFunction<String, Integer, TokenStarts> tokens) {
    List<List<Chunk>> all = new ArrayList<>(texts.size());
    int room = chunking.limit();
    for (String text : texts) {
      List<Chunk> chunks =
          room == 0
              ? List.of()
              : chunk(text, chunking.withLimit(room), enough -> tokens.apply(text, enough));
      all.add(chunks);
      room -= chunks.size();
    }
    return all;
  }

  private List<Chunk> chunks() {
    List<Chunk> chunks = new ArrayList<>();
    int from = 0;
    int reached = 0;
    do {
      int to = end(from);
      Chunk chunk = trimmed(at(from), at(to));
      if (chunk.start() < chunk.end()
          && chunk.end() > reached) { // not if all that it adds is space
        chunks.add(chunk);
        reached = chunk.end();
      }
      from = to == units.count() ? to : next(from, to);
    } while (from < units.count() && chunks.size() < chunking.limit());
    return chunks;
  }

  private int at(int unit) {
    return unit < units.count() ? units.starts()[unit] : text.length();
  }

  private int end(int from) {
    int most = from + chunking.size();
    if (most >= units.count()) {
      return units.count();
    }
    if (lastGood[most] > from) {
      return lastGood[most];
    }
    if (lastPossible[most] > from) {
      return lastPossible[most];
    }
    int later = most + 1;
    while (later < units.count() && lastPossible[later] != later) {
      later++;
    }
    return later;
  }

  /**
   * Where the chunk after {@code [from, to)} begins. One that ended well begins well, if need be
   * without overlap.
   */
  private int next(int from, int to) {
    int[] last = lastGood[to] == to ? lastGood : lastPossible;
    int begin = to;
    int least = Math.max(from + 1, to - chunking.overlap());
    for (int earlier = last[begin - 1]; earlier >= least; earlier = last[earlier - 1]) {
      begin = earlier;
    }
    return end(begin) > to ? begin : to; // else it would only repeat
  }

  private boolean isPossible(int unit, Graphemes graphemes) {
    int at = units.starts()[unit];
    if (at == 0) {
      return unit == 0;
    }
    if (at >= text.length() || units.starts()[unit - 1] == at) {
      return false;
    }
    boolean withinPair = Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
    return !withinPair && graphemes.isBoundary(at);
  }

  private Chunk trimmed(int start, int end) {
    int first = start;
    int last = end;
    while (first < last && Character.isWhitespace(text.charAt(first)) && !isMarked(first)) {
      first++;
    }
    while (last > first && Character.isWhitespace(text.charAt(last - 1))) {
      last--;
    }
    return new Chunk(first, last);
  }

  /** Whether a white space bears a mark, and is part of what readers see. */
  private boolean isMarked(int at) {
    return at + 1 < text.length() && Graphemes.joins(text.codePointAt(at + 1));
  }
}
