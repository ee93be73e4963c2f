package org.semlux.encoders.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.TextSpan;

/**
 * Two texts as one sequence: where a tokenizer puts them among its special tokens, which types it
 * gives them, and what goes when they do not fit. Thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("cross-encoder"));
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   TextPairs pairs = TextPairs.of(folder.name(), tokenizer);
 *   Tokens tokens = pairs.tokenize("Who plays?", "A man plays a flute."); // [CLS] … [SEP] … [SEP]
 *   List<Tokens> windows = pairs.windows("Who plays?", Files.readString(Path.of("book.txt")));
 * }
 * }
 */
public final class TextPairs implements PairReader {
  /** Windows of one text: what lies behind the last one is not read. */
  static final int MAX_WINDOWS = 64;

  private final String model;
  private final Tokenizer tokenizer;
  private final Tokens before;
  private final Tokens between;
  private final Tokens after;
  private final int firstType;
  private final int secondType;
  private final int room;
  private final String prompt;

  private TextPairs(
      String model, Tokenizer tokenizer, Tokens sample, int first, int second, int[] a, int[] b) {
    this.model = model;
    this.tokenizer = tokenizer;
    before = part(sample, 0, first);
    between = part(sample, first + a.length, second);
    after = part(sample, second + b.length, sample.length());
    firstType = sample.types()[first];
    secondType = sample.types()[second];
    room = tokenizer.maxTokens() - before.length() - between.length() - after.length();
    prompt = "";
  }

  private TextPairs(TextPairs other, String prompt) {
    model = other.model;
    tokenizer = other.tokenizer;
    before = other.before;
    between = other.between;
    after = other.after;
    firstType = other.firstType;
    secondType = other.secondType;
    room = other.room;
    this.prompt = prompt;
  }

  @Override
  public TextPairs behind(String other) {
    // Behind a longer one no query would be read; where it is the beginning that is cut, it would.
    boolean keepsEnd = tokenizer.cut(new int[] {0, 1}, 1)[0] == 1;
    if (!keepsEnd && tokenizer.ids(other, room).length + 2 > room) {
      throw ModelException.of(
          model,
          "its prompt [%s] leaves no room for a pair of texts in its %s tokens"
              .formatted(ModelException.brief(other), tokenizer.maxTokens()));
    }
    return new TextPairs(this, other);
  }

  /**
   * Learns a tokenizer's form of a pair from a sample.
   *
   * @throws ModelException when it cannot be told, or no text fits between the special tokens
   */
  public static TextPairs of(String model, Tokenizer tokenizer) {
    Tokens sample = tokenizer.sampleOfPair("a", "b").orElseThrow(() -> noPairs(model));
    int[] a = tokenizer.ids("a", Integer.MAX_VALUE);
    int[] b = tokenizer.ids("b", Integer.MAX_VALUE);
    int first = indexOf(a, sample.ids(), 0);
    int second = first < 0 ? -1 : indexOf(b, sample.ids(), first + a.length);
    if (second < 0) {
      throw noPairs(model);
    }
    TextPairs pairs = new TextPairs(model, tokenizer, sample, first, second, a, b);
    if (pairs.room < 2) {
      throw ModelException.of(
          model, "its " + tokenizer.maxTokens() + " tokens leave no room for a pair of texts");
    }
    return pairs;
  }

  private static ModelException noPairs(String model) {
    return ModelException.of(model, "its tokenizer does not make one sequence of two texts");
  }

  private static Tokens part(Tokens tokens, int from, int to) {
    return new Tokens(
        Arrays.copyOfRange(tokens.ids(), from, to),
        Arrays.copyOfRange(tokens.types(), from, to),
        0);
  }

  private static int indexOf(int[] part, int[] ids, int from) {
    for (int i = from; part.length > 0 && i + part.length <= ids.length; i++) {
      if (Arrays.equals(part, 0, part.length, ids, i, i + part.length)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * A pair as the reference cuts it, {@code longest_first}: tokens go from the longer text until
   * both are equally long, then from both.
   */
  @Override
  public Reading<Tokens> reading(String text, String pair) {
    int most = tokenizer.maxTokens();
    String first = prompt + text;
    return tokenizer
        .readingIds(first, most)
        .then(a -> tokenizer.readingIds(pair, most).then(b -> fitted(first, a, pair, b)));
  }

  private Reading<Tokens> fitted(String text, int[] a, String pair, int[] b) {
    if (a.length + b.length <= room) {
      return Reading.done(join(a, b));
    }
    int least = Math.min(a.length, b.length);
    boolean halves = 2 * least >= room;
    int shorter = halves ? room / 2 : least;
    int longer = room - shorter;
    if (shorter == longer) {
      return Reading.done(join(tokenizer.cut(a, shorter), tokenizer.cut(b, shorter)));
    }
    return isLonger(text, a.length, pair, b.length, tokenizer.maxTokens())
        .map(
            first ->
                join(
                    tokenizer.cut(a, first ? longer : shorter),
                    tokenizer.cut(b, first ? shorter : longer)));
  }

  /**
   * Whether a text has more tokens than its pair. The shorter text is read to its end, the longer
   * one about twice as far at most.
   *
   * @param first how many tokens of the text are known, of {@code most} that were asked for
   * @param second the same of its pair
   */
  private Reading<Boolean> isLonger(String text, int first, String pair, int second, int most) {
    if (Math.min(first, second) < most) {
      return Reading.done(first > second);
    }
    int more = Math.multiplyExact(2, most);
    return tokenizer
        .readingIds(text, more)
        .then(
            a ->
                tokenizer
                    .readingIds(pair, more)
                    .then(b -> isLonger(text, a.length, pair, b.length, more)));
  }

  /**
   * At most {@value #MAX_WINDOWS}. The query stays whole, unless it would leave a window less than
   * a quarter of the room.
   */
  @Override
  public Reading<List<Tokens>> readingWindows(String query, String text) {
    return tokenizer
        .readingIds(prompt + query, tokenizer.maxTokens())
        .then(
            ids ->
                tokenizer
                    .readingPlaces(text, Math.multiplyExact(MAX_WINDOWS, room))
                    .map(places -> windows(ids, text, places)));
  }

  /** The same, read to its end. */
  public List<Tokens> windows(String query, String text) {
    return readingWindows(query, text).all();
  }

  private List<Tokens> windows(int[] query, String text, Tokenizer.Placed placed) {
    int least = Math.max(1, room / 4);
    int[] a = query;
    int[] b = placed.ids();
    if (a.length > room - least && a.length + b.length > room) {
      a = Arrays.copyOf(a, Math.max(room - least, room - b.length));
    }
    int width = room - a.length;
    if (b.length <= width) {
      return List.of(join(a, b));
    }
    int step = Math.max(1, width - width / 4);
    int[] starts = placed.starts();
    List<Tokens> windows = new ArrayList<>();
    int from = 0;
    while (from + width < b.length && windows.size() < MAX_WINDOWS - 1) {
      TextSpan span = span(text, starts, from, from + width);
      windows.add(join(a, Arrays.copyOfRange(b, from, from + width)).withSpan(span));
      from += step;
    }
    int to = Math.min(b.length, from + width);
    TextSpan span = span(text, starts, to - width, to);
    windows.add(join(a, Arrays.copyOfRange(b, to - width, to)).withSpan(span));
    return windows;
  }

  /** What tokens cover of their text, without the white space behind them. */
  static TextSpan span(String text, int[] starts, int from, int to) {
    int start = from < starts.length ? starts[from] : text.length();
    int end = to < starts.length ? starts[to] : text.length();
    while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return new TextSpan(start, end);
  }

  private Tokens join(int[] a, int[] b) {
    Tokens[] parts = {before, ofType(a, firstType), between, ofType(b, secondType), after};
    int length = Arrays.stream(parts).mapToInt(Tokens::length).sum();
    int[] ids = new int[length];
    int[] types = new int[length];
    int at = 0;
    for (Tokens part : parts) {
      System.arraycopy(part.ids(), 0, ids, at, part.length());
      System.arraycopy(part.types(), 0, types, at, part.length());
      at += part.length();
    }
    return new Tokens(ids, types, 0);
  }

  private static Tokens ofType(int[] ids, int type) {
    int[] types = new int[ids.length];
    Arrays.fill(types, type);
    return new Tokens(ids, types, 0);
  }
}
